#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""train.py FEATURES DEV.tsv - trains the model of policy/model.h and writes policy/rules/model.weights.

Trained on the project's own text: kk.txt, ru.txt, en.txt beside this file, written for it, and the sets of tests/screening,
which were written to measure the screening and have done so; and, where its licence allows it, on public data that is not in
this tree: DEV.tsv, lines "language, label, subtype, source, text", of which only these are taken:
  davidson    t-davidson/hate-speech-and-offensive-language, MIT
  threatgram  CatGamer7/Telegram-threats, CC BY 4.0
  kaznerd     IS2AI/KazNERD, CC BY 4.0
FEATURES is the program made from features.c: the rules that stand decide of which sentences the model is asked.
liblinear-train does the arithmetic (package liblinear-tools). The threshold is set by the sets, each scored by a model that
was trained without it. The same input gives the same weights: no clock, no random number.
"""
import base64, glob, hashlib, math, os, re, subprocess, sys, tempfile

BITS = 17
COST = 12
CLEAN = 3  # a clean sentence weighs so much more
MOST = 12  # sentences of one line
HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "rules")
LANGUAGES = ("kk", "ru", "en")
SOURCES = {"davidson", "threatgram", "kaznerd"}
ORDINARY = {"plain", "complaint", "application", "report", "question", "thanks", "suggestion"}
# So much of what is clean, held out, may be flagged: of ordinary letters, and of texts that read like a threat.
ALLOWED = {"ordinary": 0.01, "clean": 0.05}


def expand(line):
    """Up to MOST of the sentences that a line with {a|b} stands for, spread over all of them, always the same ones."""
    parts = re.split(r"\{([^{}]*)\}", line)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    total = 1
    for choice in choices:
        total *= len(choice)
    picks = range(total) if total <= MOST else sorted(
        int(hashlib.sha256(f"{line}/{n}".encode()).hexdigest(), 16) % total for n in range(MOST))
    for pick in picks:
        words = []
        for choice in choices:
            pick, at = divmod(pick, len(choice))
            words.append(choice[at])
        yield re.sub(r"\s+([,.!?:])", r"\1", re.sub(r"\s+", " ", "".join(words))).strip()


def own_text():
    """Rows are: to be flagged, set, kind, language, text."""
    rows = []
    for language in ("kk", "ru", "en"):
        with open(os.path.join(HERE, language + ".txt"), encoding="utf-8") as file:
            for line in file:
                if line[0] in "+-~":
                    rows += [(line[0] == "+", "own", "own", language, text) for text in expand(line[2:].strip())]
    return rows


def measured_text():
    """The sets of tests/screening: what a text's verdict is to be, and of what kind it is."""
    rows = []
    for path in measured_files():
        with open(path, encoding="utf-8") as file:
            for line in file:
                fields = line.rstrip("\n").split("\t")
                if len(fields) == 4 and fields[1] in ("redirect", "review", "clean"):
                    kind = "ordinary" if fields[1] == "clean" and fields[2] in ORDINARY else fields[1]
                    rows.append((fields[1] != "clean", os.path.basename(path), kind, fields[0], fields[3]))
    return rows


def measured_files():
    return sorted(glob.glob(os.path.join(HERE, "..", "..", "tests", "screening", "*.tsv")))


def public_text(path):
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 5 and fields[3] in SOURCES:
                rows.append((fields[1] in ("threat", "insult"), "public", "public", fields[0], fields[4]))
    return rows


def sentences(program, rows):
    """Of each row the sentences that the model would be asked of, as lists of buckets."""
    found = [[] for _ in rows]
    lines = "".join(row[4] + "\n" for row in rows)
    out = subprocess.run([program, str(BITS), RULES], input=lines, capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        number, *buckets = map(int, line.split(" "))
        found[number].append(buckets)
    return found


def fit(samples, work):
    """Without a bias: a sentence of which nothing is known says nothing."""
    data, model = os.path.join(work, "data"), os.path.join(work, "model")
    with open(data, "w") as file:
        for wanted, buckets in samples:
            value = f"{len(buckets) ** -0.5:.6f}"
            file.write(("+1 " if wanted else "-1 ") + " ".join(f"{bucket + 1}:{value}" for bucket in buckets) + "\n")
    subprocess.run(["liblinear-train", "-q", "-s", "0", "-e", "0.001", "-c", str(COST), "-w-1", str(CLEAN), data, model],
                   check=True)
    head, numbers = open(model).read().split("\nw\n")
    sign = 1 if re.search(r"^label (-?\d+)", head, re.M)[1] == "1" else -1
    weights = [sign * float(x) for x in numbers.split()]
    return weights + [0.0] * (2 ** BITS - len(weights))


def score(weights, buckets):
    return sum(weights[bucket] for bucket in buckets) / len(buckets) ** 0.5


def learn(rows, asked, work):
    """A text is marked for one of its sentences, and nobody says which: first those that have one alone are learnt from, then
    with them, of each other text that is to be flagged, the sentence that reads most like it."""
    samples, several = [], []
    for row, found in zip(rows, asked):
        if row[0] and len(found) > 1:
            several.append(found)
        else:
            samples += [(row[0], buckets) for buckets in found]
    weights = fit(samples, work)
    return fit(samples + [(True, max(found, key=lambda buckets: score(weights, buckets))) for found in several], work)


def hold_out(rows, asked, work):
    """Of each row of a measured set the score of its worst sentence, by what all the other sets teach."""
    scores = {}
    known = {}  # a text that stands in two sets is not held out by leaving out one of them
    for i, row in enumerate(rows):
        known.setdefault(row[4], set()).add(row[1])
    for name in sorted({row[1] for row in rows if row[2] not in ("own", "public")}):
        rest = [i for i, row in enumerate(rows) if name not in known[row[4]]]
        weights = learn([rows[i] for i in rest], [asked[i] for i in rest], work)
        scores.update((i, max((score(weights, buckets) for buckets in asked[i]), default=-math.inf))
                      for i, row in enumerate(rows) if row[1] == name)
    return scores


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def write(weights, threshold, rows, scores, public):
    scale = max(abs(w) for w in weights) / 127
    with open(os.path.join(RULES, "model.weights"), "w", encoding="utf-8") as out:
        out.write("# The model of policy/model.h, made by policy/model/train.py from:\n")
        for language in LANGUAGES:
            out.write(f"#   {language}.txt, text of the project's own, SHA-256 {digest(os.path.join(HERE, language + '.txt'))}\n")
        for path in measured_files():
            out.write(f"#   tests/screening/{os.path.basename(path)}, the project's own, SHA-256 {digest(path)}\n")
        out.write(f"#   davidson (MIT), threatgram and kaznerd (CC BY 4.0) of a selection, SHA-256 {digest(public)}\n")
        out.write("# Flagged by the model alone, without the rules, when the set in which a text stands was left out:\n")
        for language in LANGUAGES:
            for kind in ("redirect", "review", "clean", "ordinary"):
                of = [s for i, s in scores.items() if rows[i][2:4] == (kind, language)]
                out.write(f"#   {language} {kind}: {sum(s > threshold for s in of)} of {len(of)}\n")
        out.write(f"senim-model: 1\nbits: {BITS}\nscale: {scale:.9g}\nbias: 0\nthreshold: {threshold:.9g}\n\n")
        text = base64.b64encode(bytes(round(w / scale) & 0xff for w in weights)).decode()
        out.write("\n".join(text[i:i + 120] for i in range(0, len(text), 120)) + "\n")


def main():
    program, public = sys.argv[1:]
    rows = measured_text() + own_text() + public_text(public)
    asked = sentences(program, rows)
    with tempfile.TemporaryDirectory() as work:
        scores = hold_out(rows, asked, work)
        weights = learn(rows, asked, work)
    limits = []
    for kind, share in ALLOWED.items():
        of = sorted((s for i, s in scores.items() if rows[i][2] == kind), reverse=True)
        limits.append(of[int(len(of) * share)])
    write(weights, max(limits), rows, scores, public)


main()
