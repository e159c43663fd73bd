#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""train.py FEATURES DEV.tsv - trains the model of policy/model.h and writes policy/rules/model.weights.

Trained on the project's own text (kk.txt, ru.txt, en.txt beside this file) and, where its licence allows it, on public
data that is not in this tree: DEV.tsv, lines "language, label, subtype, source, text", of which only these are taken:
  davidson    t-davidson/hate-speech-and-offensive-language, MIT
  threatgram  CatGamer7/Telegram-threats, CC BY 4.0
  kaznerd     IS2AI/KazNERD, CC BY 4.0
FEATURES is the program made from features.c. liblinear-train does the arithmetic (package liblinear-tools). The same input
gives the same weights: no clock, no random number.
"""
import base64, hashlib, itertools, os, re, subprocess, sys, tempfile

BITS = 16
COST = 4
MOST = 12  # sentences of one line
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = {"davidson", "threatgram", "kaznerd"}
# So much of the clean text, held out, may be flagged: what reads like a threat (~ in our files) is not counted here.
ALLOWED = {"own": 0.02, "public": 0.02}


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
    rows = []
    for language in ("kk", "ru", "en"):
        with open(os.path.join(HERE, language + ".txt"), encoding="utf-8") as file:
            for n, line in enumerate(file):
                if line[0] in "+-~":
                    kind = "hard" if line[0] == "~" else "own"
                    rows += [(line[0] == "+", kind, f"{language}{n}", text) for text in expand(line[2:].strip())]
    return rows


def public_text(path):
    rows = []
    with open(path, encoding="utf-8") as file:
        for n, line in enumerate(file):
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 5 and fields[3] in SOURCES:
                rows.append((fields[1] in ("threat", "insult"), "public", f"p{n}", fields[4]))
    return rows


def features(program, rows):
    lines = "".join(row[3].replace("\n", " ") + "\n" for row in rows)
    out = subprocess.run([program, str(BITS)], input=lines, capture_output=True, text=True, check=True).stdout
    return out.split("\n")[:-1]


def fit(rows, lines, work, clean_weight):
    """Without a bias: a sentence of which nothing is known says nothing."""
    data, model = os.path.join(work, "data"), os.path.join(work, "model")
    with open(data, "w") as file:
        for row, line in zip(rows, lines):
            file.write(f"{'+1' if row[0] else '-1'} {line}\n")
    subprocess.run(["liblinear-train", "-q", "-s", "0", "-e", "0.0001", "-c", str(COST),
                    "-w-1", str(clean_weight), data, model], check=True)
    head, numbers = open(model).read().split("\nw\n")
    sign = 1 if re.search(r"^label (-?\d+)", head, re.M)[1] == "1" else -1
    count = int(re.search(r"^nr_feature (\d+)", head, re.M)[1])
    weights = [sign * float(x) for x in numbers.split()]
    return weights[:count] + [0.0] * (2 ** BITS - count)


def score(weights, line):
    return sum(weights[int(item.split(":")[0]) - 1] * float(item.split(":")[1]) for item in line.split())


def main():
    program, path = sys.argv[1:]
    rows = own_text() + public_text(path)
    lines = features(program, rows)
    with tempfile.TemporaryDirectory() as work:
        # Five folds; what stands on one line of our text stays together.
        held = [0.0] * len(rows)
        folds = [int(hashlib.sha256(row[2].encode()).hexdigest(), 16) % 5 for row in rows]
        for fold in range(5):
            learn = [i for i, f in enumerate(folds) if f != fold]
            weights = fit([rows[i] for i in learn], [lines[i] for i in learn], work, 3)
            for i, f in enumerate(folds):
                if f == fold:
                    held[i] = score(weights, lines[i])
        threshold = 0.0
        for kind, share in ALLOWED.items():
            clean = sorted((s for row, s in zip(rows, held) if row[1] == kind and not row[0]), reverse=True)
            threshold = max(threshold, clean[int(len(clean) * share)])
        reached = {}
        for (wanted, kind, name, _), s in zip(rows, held):
            key = (kind, name[:2] if kind != "public" else "", wanted)
            hit, n = reached.get(key, (0, 0))
            reached[key] = (hit + (s > threshold), n + 1)
        weights = fit(rows, lines, work, 3)
    scale = max(abs(w) for w in weights) / 127
    octets = bytes(round(w / scale) & 0xff for w in weights)
    with open(os.path.join(HERE, "..", "rules", "model.weights"), "w", encoding="utf-8") as out:
        out.write("# The model of policy/model.h, made by policy/model/train.py from:\n")
        for language in ("kk", "ru", "en"):
            digest = hashlib.sha256(open(os.path.join(HERE, language + ".txt"), "rb").read()).hexdigest()
            out.write(f"#   {language}.txt, text of the project's own, SHA-256 {digest}\n")
        out.write("#   davidson (MIT), threatgram and kaznerd (CC BY 4.0) of a selection, SHA-256 "
                  + hashlib.sha256(open(path, "rb").read()).hexdigest() + "\n")
        out.write("# Flagged of sentences held out, in five folds:\n")
        for (kind, language, wanted), (hit, n) in sorted(reached.items()):
            out.write(f"#   {kind} {language + ' ' if language else ''}{'to be flagged' if wanted else 'clean'}: {hit} of {n}\n")
        out.write(f"senim-model: 1\nbits: {BITS}\nscale: {scale:.9g}\nbias: 0\nthreshold: {threshold:.9g}\n\n")
        text = base64.b64encode(octets).decode()
        out.write("\n".join(text[i:i + 120] for i in range(0, len(text), 120)) + "\n")


main()
