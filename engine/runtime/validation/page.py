"""The validation as one self-contained HTML page."""

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from engine.errors import ImageError
from engine.host.pictures import read_picture
from engine.runtime import charts
from engine.runtime.html import Clock, Html, details, document, join, section, table, tag, tile, tiles, word
from engine.runtime.validation.layers import LayerError
from engine.runtime.validation.measure import Outcome
from engine.runtime.validation.report import Confusion, ValidationReport

MAX_CARDS = 48  # pictures a list: about 7 kB each
THUMBNAIL_PX = 168
MAX_MATRIX_COLUMNS = 16
MEMORY = {
    "weights_bytes": ("weights", "with biases and tables"),
    "ddr_bytes": ("DDR", "activations"),
    "msmc_bytes": ("MSMC", "activations"),
    "l2_bytes": ("L2", "the largest tile"),
}


def page(report: ValidationReport) -> str:
    """Return the report as HTML; thumbnails are read from the folder again."""
    return document(
        f"{report.artifact.model} on {report.artifact.soc}: validation",
        _header(report),
        _figures(report),
        _accuracy(report),
        _pictures("Lost", "Float names {} right, the device does not.", report.lost, report),
        _pictures("Won", "The device names {} right, float does not.", report.won, report),
        _layers(report),
        _confusions(report),
        _host(report),
        _chip(report),
        _left_out(report),
        _footer(report),
    )


def _header(report: ValidationReport) -> Html:
    artifact, count = report.artifact, len(report.outcomes)
    net = len(report.lost) - len(report.won)
    balance = (
        f"a net {'loss' if net > 0 else 'gain'} of {abs(net)} ({abs(net) / count:.1%})"
        if net
        else "no net loss"
    )
    verdict = (
        f"The chip's integers name {sum(x.device_right for x in report.outcomes)} of {count} pictures right, "
        f"the float network {sum(x.float_right for x in report.outcomes)}: "
        f"{len(report.lost)} lost, {len(report.won)} won, {balance}."
    )
    chips = (
        f"recipe {artifact.recipe}",
        f"{count} pictures of {report.folder.resolve().name}",
        f"{report.kernels} kernels",
        report.where,
    )
    return tag(
        "header",
        tag("div", "Lens7 validation · device against float", class_="kicker"),
        tag("h1", f"{artifact.model} on {artifact.soc.upper()}"),
        tag("div", *(tag("span", chip, class_="chip") for chip in chips), class_="chips"),
        tag("p", verdict, class_="verdict"),
        *(tag("p", f"▲ {note}", class_="warning") for note in report.notes),
    )


def _figures(report: ValidationReport) -> Html:
    p50, p95 = report.host_ms(50, 95)
    device_ms = report.artifact.device_ms
    return tiles(
        tile(
            "top-1, device", f"{report.device_accuracy.top1:.1%}", f"float {report.float_accuracy.top1:.1%}"
        ),
        tile(
            "top-5, device", f"{report.device_accuracy.top5:.1%}", f"float {report.float_accuracy.top5:.1%}"
        ),
        tile("agreement", f"{report.agreement:.1%}", "on the first label, right or wrong"),
        tile("this machine,", f"{p50:.1f} ms", f"median per frame; p95 {p95:.1f} ms", Clock.MEASURED),
        tile(
            "the chip,",
            "–" if device_ms is None else f"{device_ms:.2f} ms",
            "not modelled" if device_ms is None else "per frame",
            Clock.MODELLED,
        ),
    )


def _accuracy(report: ValidationReport) -> Html:
    def bar(name: str, value: float, style: str) -> charts.Bar:
        return charts.Bar(name, value, f"{value:.1%}", style)

    of_float, of_device = report.float_accuracy, report.device_accuracy
    return section(
        "Accuracy",
        f"Of {len(report.outcomes)} labelled pictures. The cosine of the two networks' logits is "
        f"{report.logit_cosine:.4f} on average.",
        charts.bars(
            (
                (bar("top-1, float", of_float.top1, "float"), bar("top-1, device", of_device.top1, "device")),
                (bar("top-5, float", of_float.top5, "float"), bar("top-5, device", of_device.top5, "device")),
            )
        ),
    )


def _pictures(title: str, lead: str, pictures: Sequence[Outcome], report: ValidationReport) -> Html:
    if not pictures:
        return section(
            f"{title}: none", "There is no picture of which this could be said: " + lead.format("it")
        )
    shown = pictures[:MAX_CARDS]
    more = f" The first {len(shown)} are shown." if len(shown) < len(pictures) else ""
    cards = [_card(x, report) for x in shown]
    return section(
        f"{title}: {len(pictures)}", lead.format("these") + more, tag("div", *cards, class_="cards")
    )


def _card(x: Outcome, report: ValidationReport) -> Html:
    def answer(who: str, index: int) -> Html:
        right = index == x.class_index
        return join(
            who,
            tag(
                "span",
                f"{'●' if right else '■'} {report.classes.name(index)}",
                class_="good" if right else "bad",
            ),
        )

    return tag(
        "div",
        _thumbnail(report.folder / x.file),
        tag(
            "div",
            tag("b", report.classes.name(x.class_index)),
            answer("float: ", x.float_top[0]),
            tag("br"),
            answer("device: ", x.device_top[0]),
        ),
        class_="card",
        title=x.file,
    )


def _thumbnail(path: Path) -> Html:
    """Return the picture's central square; a picture that went away since it was measured leaves an empty one."""
    try:
        image = read_picture(path)
    except ImageError as error:
        return tag("img", alt=str(error))
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = np.ascontiguousarray(image[top : top + side, left : left + side, ::-1])
    small = cv2.resize(square, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])
    encoded = base64.b64encode(data.tobytes()).decode("ascii")
    return tag("img", src=f"data:image/jpeg;base64,{encoded}", alt=path.name)


def _layers(report: ValidationReport) -> Html:
    if not report.layers:
        return section("Layers", "No layer of the device has a counterpart in the float network.")
    worst = report.worst_layers()
    rank = {layer.name: str(place + 1) for place, layer in enumerate(worst)}
    drawn = [
        layer for layer in report.layers if layer.op != "DataConvert"
    ]  # its rounding would dwarf the scale
    marks = {index: rank[layer.name] for index, layer in enumerate(drawn) if layer.name in rank}

    def column(value: float, layer: LayerError) -> charts.Column:
        return charts.Column(value, _describe(layer), "bad" if layer.name in rank else "quiet")

    highest_db = max((layer.snr_db for layer in drawn if layer.noise > 0.0), default=0.0)
    signal = [column(min(layer.snr_db, highest_db), layer) for layer in drawn]
    noise = [column(100.0 * layer.noise_added, layer) for layer in drawn]
    return section(
        "The layers that hurt",
        f"Each column is a layer's output on the device against the same tensor in float, from first to last, over "
        f"{report.layer_images} pictures. Noise passes from layer to layer; what a layer adds to the noisiest of its inputs "
        "is its own doing.",
        tag("h3", "Signal to noise"),
        charts.columns(signal, "dB", marks=marks),
        tag("h3", "Noise added by the layer itself"),
        charts.columns(noise, "% of energy", marks=marks),
        tag("h3", "The worst"),
        _layer_table(worst),
        details(f"All {len(report.layers)} layers", _layer_table(report.layers)),
    )


def _describe(layer: LayerError) -> str:
    return f"{layer.name} ({layer.op}): {_db(layer)}, cosine {layer.cosine:.4f}, noise added {layer.noise_added:.2%}"


def _db(layer: LayerError) -> str:
    return f"{layer.snr_db:.1f} dB" if layer.noise > 0.0 else "exact"


def _layer_table(layers: Sequence[LayerError]) -> Html:
    rows = [
        (
            layer.name,
            layer.op,
            _db(layer),
            f"{layer.cosine:.4f}",
            f"{layer.max_abs_error:.3g}",
            f"{layer.noise_added:.2%}",
        )
        for layer in layers
    ]
    heads = ("layer", "operator", "signal to noise", "cosine", "largest error", "noise added")
    return table(heads, rows, numeric=(2, 3, 4, 5))


def _confusions(report: ValidationReport) -> Html:
    found = report.confusions()
    if not found:
        return section("Worst classes: none", "The device names every picture right.")
    named = dict.fromkeys(index for confusion in found for index, _ in confusion.named)
    columns = list(named)[:MAX_MATRIX_COLUMNS]
    cells = [[_cell(confusion, index, report) for index in columns] for confusion in found]
    rest = len(named) - len(columns)
    more = f" {rest} further answers are left out." if rest else ""
    name = report.classes.name
    return section(
        "Worst classes",
        "Rows: what the picture shows. Columns: what the device says. Classes lost against float come first."
        + more,
        charts.matrix([name(c.class_index) for c in found], [name(index) for index in columns], cells),
    )


def _cell(confusion: Confusion, index: int, report: ValidationReport) -> charts.Cell:
    count = dict(confusion.named).get(index, 0)
    name = report.classes.name
    title = f"{name(confusion.class_index)}: {count} of {confusion.images} called {name(index)}"
    style = "good" if index == confusion.class_index else "bad"
    return charts.Cell(str(count), count / confusion.images, title, style)


def _host(report: ValidationReport) -> Html:
    times_ms = [x.times.device_ns / 1e6 for x in report.outcomes]
    p50, p95, p99 = report.host_ms(50, 95, 99)
    shares = {name.replace("_", " "): share for name, share in report.shares().items()}
    rss_mib = report.memory()["host_rss_bytes"] / 2**20
    lead = join(
        "The device network from its uint8 input to its logits, ",
        word(Clock.MEASURED),
        f" on this machine: {report.kernels} kernels, {report.where}. The largest process took {rss_mib:,.0f} MiB.",
    )
    return section(
        "Host time",
        lead,
        charts.histogram(times_ms, "ms", Clock.MEASURED, {"p50": p50, "p95": p95, "p99": p99}),
        tag("h3", f"Where the time went ({report.wall_ns / 1e9:.1f} s in all)"),
        charts.stacked(shares, "measured"),
    )


def _chip(report: ValidationReport) -> Html:
    memory, device_ms = report.memory(), report.artifact.device_ms
    frame = "its time is not modelled." if device_ms is None else f"one frame takes {device_ms:.2f} ms."
    lead = join(
        f"{report.artifact.soc.upper()}, ", word(Clock.MODELLED), f": {frame} The memory is what the compiler planned."
    )  # fmt: skip
    planned = [
        tile(f"{name},", f"{memory[key] / 1024:,.0f} KiB", detail, Clock.MODELLED)
        for key, (name, detail) in MEMORY.items()
        if key in memory
    ]
    return section("The chip", lead, tiles(*planned))


def _left_out(report: ValidationReport) -> Html:
    if not report.skipped:
        return Html("")
    rows = [(x.file, x.reason) for x in report.skipped]
    return section(
        f"Left out: {len(rows)}", "These pictures are in no figure above.", table(("picture", "reason"), rows)
    )


def _footer(report: ValidationReport) -> Html:
    offset = report.classes.label_offset
    background = " The network's first class is the background: class = label + 1." if offset else ""
    return tag(
        "footer",
        "Top-1 and top-5: the label is the first, or among the first five answers; where logits are equal, the lower class comes "
        "first. Agreement: both networks give the same first answer. Signal to noise: 10 log10 of the float tensor's energy over "
        "that of the difference. Noise added: the difference's energy relative to the signal's, less that of the noisiest input."
        + background,
    )
