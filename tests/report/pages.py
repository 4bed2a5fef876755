"""A page as a browser would read it, for the tests of all kinds of reports."""

from html.parser import HTMLParser

VOID = {"meta", "input", "line", "circle", "rect", "polyline", "polygon", "br"}


class Nesting(HTMLParser):
    """Checks that every tag that opens is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def feed(self, data: str) -> None:
        self.lines = data.split("\n")
        super().feed(data)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """A tag that closes itself opens nothing."""

    def handle_endtag(self, tag):
        opened, (line, column) = self.open.pop(), self.getpos()
        before = self.lines[line - 1][max(column - 80, 0) : column]
        assert opened == tag, f"<{opened}> is open where </{tag}> comes, after {before!r}: is all that is data escaped?"
