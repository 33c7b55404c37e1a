#!/usr/bin/python3
"""Checks the document that a browser made of the page: grids.py FILE LANGUAGE.

Every grid has a row a role and a column a field; every cell has the letter that goes with its colour; heads have
scopes; every link of the index leads to a grid; colours contrast by at least 4.5 (WCAG 2, 1.4.3).
"""
import html.parser
import re
import sys

ROLES, FIELDS, SERVICES = 28, 57, 61
LETTERS = {None: "", "n": "N", "s": "s", "b": "B"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.language = None
        self.scripts = 0
        self.links, self.ids, self.grids = [], set(), []
        self.cell = None
        self.body = False

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.language = a.get("lang") if tag == "html" else self.language
        self.scripts += tag in ("script", "link", "img", "iframe")
        self.ids.add(a.get("id"))
        if tag == "a":
            self.links.append(a["href"])
        if tag == "table":
            self.grids.append({"service": a["data-service"], "rows": [], "columns": 0, "bad": []})
        if tag == "tbody":
            self.body = True
        if tag == "th" and a.get("scope") == "col":
            self.grids[-1]["columns"] += 1
        if tag == "th" and a.get("scope") == "row":
            self.grids[-1]["rows"].append(0)
        if tag == "th" and "scope" not in a:
            self.grids[-1]["bad"].append("a head without scope")
        if tag == "td" and self.body:
            self.grids[-1]["rows"][-1] += 1
            self.cell = [a.get("class"), ""]

    def handle_data(self, data):
        if self.cell:
            self.cell[1] += data.strip()

    def handle_endtag(self, tag):
        if tag == "td" and self.cell:
            if LETTERS[self.cell[0]] != self.cell[1]:
                self.grids[-1]["bad"].append(f"cell {self.cell}")
            self.cell = None
        if tag == "tbody":
            self.body = False


def luminance(colour):
    digits = colour if len(colour) == 6 else "".join(2 * c for c in colour)
    channel = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channel]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrasts(style):
    for background, colour in re.findall(r"background:#(\w+);color:#(\w+)", style):
        light, dark = sorted((luminance(background), luminance(colour)), reverse=True)
        yield (light + 0.05) / (dark + 0.05)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    page = Page()
    page.feed(text)
    assert page.language == sys.argv[2], page.language
    assert page.scripts == 0, "something to run or fetch"
    assert len(page.grids) == SERVICES + 1, len(page.grids)
    for grid in page.grids:
        assert grid["rows"] == [FIELDS] * ROLES, (grid["service"], grid["rows"])
        assert grid["columns"] == FIELDS, (grid["service"], grid["columns"])
        assert not grid["bad"], (grid["service"], grid["bad"][:3])
    assert len(page.links) == SERVICES + 1
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    found = list(contrasts(text))
    assert len(found) >= 3 and min(found) >= 4.5, found


main()
