"""``lens7 socs``: the SoCs, each number with how well it is known."""

from dataclasses import fields
from typing import Any

from engine.cli import options as o
from engine.cli.output import print_json, print_table
from engine.soc import SocSpec, load_soc, soc_names


def socs(json: o.Json = False) -> None:
    """List the SoCs with every number, its kind (documented, measured, assumed) and its source."""
    loaded = [load_soc(name) for name in soc_names()]
    if json:
        print_json({"socs": [_document(soc) for soc in loaded]})
        return
    for soc in loaded:
        rows = [(key, x["value"], x["kind"], x["source"]) for key, x in _document(soc)["figures"].items()]
        print_table(
            ("figure", "value", "known as", "source"),
            [(k, str(v), kind, source) for k, v, kind, source in rows],
            f"{soc.name}: {soc.title}",
        )


def _document(soc: SocSpec) -> dict[str, Any]:
    figures = {
        field.name: {
            "value": getattr(soc, field.name),
            "kind": soc.provenance[field.name].kind.value,
            "source": soc.provenance[field.name].source,
        }
        for field in fields(soc)
        if field.name in soc.provenance
    }
    return {"name": soc.name, "title": soc.title, "figures": figures}
