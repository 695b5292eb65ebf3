"""Building blocks of the self-contained HTML reports: escaped elements, one style sheet, no script, nothing from outside.

Measured figures (this machine) are blue and solid, modelled ones (the chip) orange and dashed, never on one axis.
"""

from collections.abc import Sequence
from enum import Enum
from html import escape

_VOID = frozenset({"br", "img", "meta"})


class Html(str):
    """Text that is markup already; every other string is escaped where it becomes part of a page."""

    __slots__ = ()


class Clock(Enum):
    """Whose time a figure is: the name of its style and the word beside it."""

    MEASURED = "measured"
    MODELLED = "modelled"


def tag(name: str, /, *children: str, **attributes: object) -> Html:
    """Return the element ``name``; ``class_="x"`` gives class="x", ``text_anchor="end"`` gives text-anchor="end".

    Attributes that are None are left out; floats are written with at most two decimals, enough for coordinates.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Return the children one after the other, each escaped unless it is markup."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def document(title: str, *body: str) -> str:
    """Return a whole page."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="color-scheme", content="dark light"),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


def section(title: str, lead: str, *children: str) -> Html:
    """Return a section; ``lead`` says in a sentence or two what is seen."""
    return tag("section", tag("h2", title), tag("p", lead, class_="lead"), *children)


def tiles(*children: str) -> Html:
    """Return tiles side by side."""
    return tag("div", *children, class_="tiles")


def tile(caption: str, value: str, detail: str, clock: Clock | None = None) -> Html:
    """Return a figure with its name above and a line below; a clock gives it its colour and its word."""
    name = caption if clock is None else join(f"{caption} ", word(clock))
    return tag(
        "div",
        tag("div", name, class_="caption"),
        tag("div", value, class_="figure"),
        tag("div", detail, class_="detail"),
        class_="tile" if clock is None else f"tile {clock.value}",
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> Html:
    """Return a table; the columns at the places ``numeric`` are aligned to the right."""

    def line(cell: str, cells: Sequence[str]) -> Html:
        return tag(
            "tr", *(tag(cell, text, class_="n" if i in numeric else None) for i, text in enumerate(cells))
        )

    head = tag("thead", line("th", columns))
    return tag("div", tag("table", head, tag("tbody", *(line("td", row) for row in rows))), class_="scroll")


def word(clock: Clock) -> Html:
    """Return the clock's word in its colour."""
    return tag("em", clock.value, class_=clock.value)


def details(summary: str, *children: str) -> Html:
    """Return something that is folded away until it is asked for."""
    return tag("details", tag("summary", summary), *children)


STYLE = """
:root { --background:#101418; --surface:#181D23; --raised:#222931; --hairline:#2E3742; --text:#E8EDF2; --second:#9AA7B4;
  --measured:#56B4E9; --modelled:#E69F00; --good:#2DBE8C; --warning:#F0E442; --bad:#FF7F50; --float:#9AA7B4; --device:#D58CB6; }
@media (prefers-color-scheme: light) {
  :root { --background:#F6F8FA; --surface:#FFFFFF; --raised:#EEF2F6; --hairline:#D5DDE5; --text:#14191E; --second:#52606D;
    --measured:#0072B2; --modelled:#9A4F00; --good:#00694C; --warning:#6B5B00; --bad:#A33B00; --float:#52606D; --device:#8A3568; }
}
* { box-sizing:border-box; }
body { margin:0; background:var(--background); color:var(--text); font:14px/1.5 Inter,system-ui,"Segoe UI",Roboto,sans-serif;
  font-variant-numeric:tabular-nums; }
main { max-width:1080px; margin:0 auto; padding:40px 24px 64px; }
header { margin-bottom:32px; }
h1 { font-size:28px; line-height:1.2; font-weight:600; margin:4px 0 8px; letter-spacing:-.01em; }
h2 { font-size:20px; line-height:1.3; font-weight:600; margin:0 0 4px; }
h3 { font-size:14px; font-weight:600; margin:24px 0 8px; }
p { margin:0 0 8px; }
.kicker { color:var(--second); font-size:12px; letter-spacing:.08em; text-transform:uppercase; }
.verdict { font-size:20px; line-height:1.4; max-width:52em; margin:16px 0 0; }
.lead { color:var(--second); max-width:72em; margin-bottom:16px; }
.chips { display:flex; flex-wrap:wrap; gap:8px; }
.chip { border:1px solid var(--hairline); border-radius:8px; padding:2px 8px; font-size:12px; color:var(--second); }
section { background:var(--surface); border:1px solid var(--hairline); border-radius:8px; padding:24px; margin:16px 0; }
.tiles { display:grid; grid-template-columns:repeat(auto-fit,minmax(168px,1fr)); gap:16px; margin:16px 0; }
.tile { background:var(--surface); border:1px solid var(--hairline); border-radius:8px; padding:16px; }
section .tile { background:var(--raised); }
.tile .caption { font-size:12px; color:var(--second); }
.tile .figure { font-size:28px; line-height:1.3; font-weight:600; }
.tile .detail { font-size:12px; color:var(--second); }
.tile.measured { border-top:3px solid var(--measured); }
.tile.modelled { border-top:3px dashed var(--modelled); }
em { font-style:normal; }
.measured .figure, em.measured { color:var(--measured); }
.modelled .figure, em.modelled { color:var(--modelled); }
.good { color:var(--good); } .bad { color:var(--bad); } .warning { color:var(--warning); }
.scroll { overflow-x:auto; }
table { border-collapse:collapse; width:100%; }
th { text-align:left; font-weight:500; color:var(--second); font-size:12px; }
th, td { padding:4px 16px 4px 0; border-bottom:1px solid var(--hairline); vertical-align:top; }
th:last-child, td:last-child { padding-right:0; }
tr:last-child td { border-bottom:0; }
.n { text-align:right; white-space:nowrap; }
details { margin-top:16px; } summary { cursor:pointer; color:var(--second); } details[open] summary { margin-bottom:8px; }
.cards { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(168px,42%),1fr)); gap:16px; }
.card { background:var(--raised); border-radius:8px; overflow:hidden; }
.card img { display:block; width:100%; aspect-ratio:1; object-fit:cover; background:var(--hairline); }
.card div { padding:8px 12px 12px; font-size:12px; line-height:1.45; overflow-wrap:anywhere; }
.card b { font-size:14px; font-weight:600; display:block; }
.empty { color:var(--second); }
svg { display:block; width:100%; min-width:640px; height:auto; }
svg text { fill:var(--text); font:12px Inter,system-ui,"Segoe UI",Roboto,sans-serif; font-variant-numeric:tabular-nums; }
svg .second { fill:var(--second); }
svg .grid { stroke:var(--hairline); stroke-width:1; fill:none; }
svg .track { fill:var(--raised); }
svg .float { fill:var(--float); } svg .device { fill:var(--device); }
svg .good { fill:var(--good); } svg .bad { fill:var(--bad); } svg .quiet { fill:var(--second); fill-opacity:.55; }
svg .measured { fill:var(--measured); }
svg .modelled { fill:none; stroke:var(--modelled); stroke-width:1.5; stroke-dasharray:4 3; }
svg .mark.measured { fill:none; stroke:var(--measured); stroke-width:1.5; }
svg .on { fill:var(--background); }
footer { color:var(--second); font-size:12px; margin-top:32px; max-width:80em; }
@media print { section { break-inside:avoid; } }
"""
