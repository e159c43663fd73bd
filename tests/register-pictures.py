#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""register-pictures.py WORK - looks at the printed register as a reader does (tests/cli-register.sh): r.pdf, and r.html as
Chromium prints it where there is one. Columns stand where they belong, a sheet is one page with its number, struck text has
a line through it, every letter has a shape of its own, and the margin for the lace is empty."""
import re
import shutil
import subprocess
import sys

work = sys.argv[1]
LACE, WIDE, HIGH = 30 / 25.4 * 72, 841.9, 595.3  # points
STRUCK = "Ахметов"  # in a cell of its own on the first sheet
DPI = 144


def words_of(pdf):
    """For each page its words: text, left, top, right, bottom."""
    text = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = []
    for size, body in re.findall(r'<page (width="[^>]*)>(.*?)</page>', text, re.S):
        wide, high = (float(value) for value in re.findall(r'"([0-9.]+)"', size))
        assert abs(wide - WIDE) < 1.5 and abs(high - HIGH) < 1.5, f"{pdf}: a page of {wide} x {high} points"
        pages.append([(word, *map(float, box)) for *box, word in re.findall(
            r'<word xMin="([0-9.]+)" yMin="([0-9.]+)" xMax="([0-9.]+)" yMax="([0-9.]+)">(.*?)</word>', body)])
    return pages


def picture_of(pdf, page):
    """Rows of grey octets."""
    data = subprocess.run(["pdftoppm", "-gray", "-r", str(DPI), "-f", str(page), "-l", str(page), pdf], capture_output=True,
                          check=True).stdout
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    wide, high = int(head[1]), int(head[2])
    octets = data[head.end():]
    return [octets[row * wide:(row + 1) * wide] for row in range(high)]


def cut(picture, word):
    _, left, top, right, bottom = (word[0], *(round(value * DPI / 72) for value in word[1:]))
    return [row[left:right] for row in picture[top:bottom]]


def is_struck(picture, word):
    """A dark line from one end of the word to the other, in its middle."""
    rows = cut(picture, word)
    middle = rows[len(rows) // 4:-len(rows) // 4]
    return any(sum(octet < 128 for octet in row) >= 0.97 * len(row) for row in middle)


def numbers_of_columns(words):
    """Where 1 to 8 stand beside each other, in one line."""
    for one, _, line, _, _ in words:
        row = sorted((left, word) for word, left, top, _, _ in words if abs(top - line) < 1)
        if one == "1" and [word for _, word in row] == list("12345678"):
            return [left for left, _ in row]
    return None


def look(pdf, sheets):
    pages = words_of(pdf)
    assert len(pages) == sheets + 1, f"{pdf}: {len(pages)} pages for {sheets} sheets and the last"
    for number, words in enumerate(pages, 1):
        assert words, f"{pdf}: page {number} is empty"
        for word, left, top, right, bottom in words:
            assert left > LACE - 1 and right < WIDE - 20 and top > 20 and bottom < HIGH - 15, \
                f"{pdf}: page {number}: “{word}” stands outside of the page's frame"
    first = pages[0]
    heads = numbers_of_columns(first)
    assert heads, f"{pdf}: the eight columns have no row of numbers"
    picture = picture_of(pdf, 1)
    struck = [word for word in first if word[0] == STRUCK]
    assert struck and is_struck(picture, struck[0]), f"{pdf}: {STRUCK} has no line through it"
    stands = next(word for word in first if word[0] == STRUCK + "а")
    assert not is_struck(picture, stands), f"{pdf}: what stands is struck"
    return heads


def main():
    sheets = open(f"{work}/r.html", encoding="utf-8").read().count('<section class="sheet">')
    heads = look(f"{work}/r.pdf", sheets)
    numbers = [max(words, key=lambda word: (round(word[4]), word[1]))[0] for words in words_of(f"{work}/r.pdf")[:sheets]]
    assert numbers == [str(n) for n in range(1, sheets + 1)], f"numbers at the feet: {numbers}"
    fonts = subprocess.run(["pdffonts", f"{work}/r.pdf"], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all("DejaVu" in font and re.search(r"\byes\s+yes\s+yes\b", font) for font in fonts), fonts
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={work}/chromium",
                    f"--print-to-pdf={work}/chromium.pdf", f"file://{work}/r.html"], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    others = look(f"{work}/chromium.pdf", sheets)
    assert all(abs(a - b) < 12 for a, b in zip(heads, others)), f"columns stand at {heads} and {others}"


main()
