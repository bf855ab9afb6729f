"""Writes core/src/text/stand_ins.inc: which characters stand for an ASCII letter or for nothing (core/src/quant/README.md section 1).

Needs PyICU (Debian: python3-icu), whose spoof checker has the confusables of Unicode Technical Standard 39. Run from the project's root:
python3 tools/stand-ins.py > core/src/text/stand_ins.inc
"""

from __future__ import annotations

import re
import unicodedata

import icu

LAST = 0x1FFFF  # beyond it are Han, tags and private use
# Of scripts that are written from right to left or have no capitals a stray letter is no disguise.
SCRIPTS = {"Latn", "Grek", "Cyrl", "Armn", "Cher", "Copt", "Lisu", "Zyyy", "Zinh"}
NAMED = re.compile(r"(?:LATIN (CAPITAL|SMALL) LETTER|LATIN LETTER (SMALL) CAPITAL|NEGATIVE (?:SQUARED|CIRCLED) LATIN (CAPITAL) LETTER) ([A-Z])(?: WITH .*)?")
SKELETONS = icu.SpoofChecker()


def script(character: str) -> str:
    return icu.Script.getScript(character).getShortName()


def variant(character: str) -> str | None:
    """What the character is but for its marks or its typeface; "" for what is not seen by itself; None where it is a character of its own."""
    category = unicodedata.category(character)
    if category == "Cf" or category == "Me" or (category == "Mn" and script(character) == "Zinh"):
        return ""
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if len(base) == 1 and " " <= base <= "~":
        return base
    named = NAMED.fullmatch(unicodedata.name(character, ""))
    return (named[4] if named[1] == "CAPITAL" or named[3] else named[4].lower()) if named else None


def look_alike(character: str) -> str | None:
    """The ASCII letter or digit that another character is drawn like."""
    skeleton = SKELETONS.getSkeleton(0, character)
    return skeleton if len(skeleton) == 1 and skeleton.isascii() and skeleton.isalnum() and script(character) in SCRIPTS else None


def entries() -> list[tuple[int, bool, str]]:
    found = []
    for code in (*range(0x80, 0xD800), *range(0xE000, LAST + 1)):
        if (kind := variant(chr(code))) is not None:
            found.append((code, False, kind))
        elif (kind := look_alike(chr(code))) is not None:
            found.append((code, True, kind))
    return found


def runs(found: list[tuple[int, bool, str]]) -> list[list]:
    """[first code point, whether it is a look-alike, what the first stands for, how many]; within a run letters count up, or all stand for nothing."""
    result: list[list] = []
    for code, alike, letter in found:
        if result:
            first, was_alike, begin, count = result[-1]
            follows = "" if begin == "" else chr(ord(begin) + count)
            if code == first + count and alike == was_alike and letter == follows and count < 32:
                result[-1][3] += 1
                continue
        result.append([code, alike, letter, 1])
    return result


def main() -> None:
    print(f"// Written by tools/stand-ins.py from Unicode {icu.UNICODE_VERSION}; first code point << 13 | look-alike << 12 | (count - 1) << 7 | ASCII, 0: nothing")
    packed = [f"{code << 13 | alike << 12 | (count - 1) << 7 | (ord(letter) if letter else 0):#010x}," for code, alike, letter, count in runs(entries())]
    for i in range(0, len(packed), 9):
        print(" ".join(packed[i : i + 9]))


if __name__ == "__main__":
    main()
