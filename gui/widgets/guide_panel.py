"""The panel beside the picture in which a quiz or the tour speaks; legible at three metres, as large as the view."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.core.theme import ICON_PX, SPACE_PX, Palette, TypeSize
from gui.widgets.guide_card import GuideCard
from gui.widgets.icons import icon
from gui.widgets.style import font
from gui.widgets.wording import Status

MOST_CHOICES = 4
_VERDICTS = 2
# Sizes as shares of the view's height.
_TITLE, _CHOICE, _TEXT, _SMALL, _BUTTON = 0.05, 0.034, 0.03, 0.024, 0.05


class GuidePanel(QWidget):
    """Shows one card; buttons and numbers ask for what comes next."""

    chosen = Signal(int)
    asked = Signal()
    stepped = Signal(int)
    left = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._card: GuideCard | None = None
        self._unit_px = 0
        self._heading = _label("secondary")
        self._title = _label("")
        self._text = _label("")
        self._explanation = _label("")
        self._score = _label("secondary")
        self._palette = palette
        self._verdicts = tuple(_label("", Qt.TextFormat.RichText) for _ in range(_VERDICTS))
        self.choices = tuple(self._choice(place) for place in range(MOST_CHOICES))
        self.ask = QPushButton()
        self.ask.setAccessibleName(self.tr("Go on"))
        self.ask.clicked.connect(self.asked)
        self.previous = self._arrow(-1, self.tr("Previous"))
        self.next = self._arrow(1, self.tr("Next"))
        self.leave = QPushButton(self.tr("Leave  (Esc)"))
        self.leave.setAccessibleName(self.tr("Leave"))
        self.leave.clicked.connect(self.left)
        self._layout = self._lay_out()
        self.set_theme(palette)
        self.set_unit(768)

    def _choice(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "choice")
        button.setAccessibleName(self.tr("Choice {n}").format(n=place + 1))
        button.clicked.connect(lambda: self.chosen.emit(place))
        return button

    def _arrow(self, offset: int, name: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.clicked.connect(lambda: self.stepped.emit(offset))
        return button

    def _lay_out(self) -> QVBoxLayout:
        layout = QVBoxLayout(self)
        for part in (
            self._heading,
            self._title,
            self._text,
            *self.choices,
            *self._verdicts,
            self._explanation,
        ):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._score)
        layout.addWidget(self.ask)
        row = QHBoxLayout()
        row.setSpacing(SPACE_PX)
        for button in (self.leave, self.previous, self.next):
            row.addWidget(button)
            if button is self.leave:
                row.addStretch(1)
        layout.addLayout(row)
        return layout

    @property
    def card(self) -> GuideCard | None:
        """The card shown."""
        return self._card

    def set_card(self, card: GuideCard) -> None:
        """Show another card."""
        if card == self._card:
            return
        self._card = card
        for label, text in (
            (self._heading, card.heading),
            (self._title, card.title),
            (self._text, card.text),
            (self._explanation, card.explanation),
            (self._score, card.score),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        for place, button in enumerate(self.choices):
            self._set_choice(button, place, card.choices)
        self._set_verdicts(card.verdicts)
        self.ask.setText(f"{card.ask}  (Enter)")
        if card.ask:
            self.ask.setAccessibleName(card.ask)
        self.ask.setVisible(bool(card.ask))
        for arrow, name, key in ((self.previous, card.previous, "←"), (self.next, card.next, "→")):
            if name:
                arrow.setAccessibleName(name)
                arrow.setToolTip(f"{name}  ({key})")
            arrow.setVisible(bool(name))
        self.setAccessibleName(
            ". ".join(filter(None, (card.heading, card.title, card.text, card.explanation)))
        )

    def _set_verdicts(self, verdicts: tuple[Status, ...]) -> None:
        """Show each by the shape and colour of its mark and in words."""
        for place, label in enumerate(self._verdicts):
            label.setVisible(place < len(verdicts))
            if place < len(verdicts):
                mark, text = verdicts[place].mark, escape(verdicts[place].word)
                label.setText(f'<span style="color: {self._palette.mark(mark)}">{mark.value}</span> {text}')
                label.setAccessibleName(verdicts[place].word)

    @staticmethod
    def _set_choice(button: QPushButton, place: int, choices: tuple[str, ...]) -> None:
        button.setVisible(place < len(choices))
        if place < len(choices):
            button.setText(f"{place + 1}   {choices[place]}")
            button.setAccessibleName(choices[place])

    def set_unit(self, view_height_px: int) -> None:
        """Take sizes that fit a view of this height."""
        if view_height_px == self._unit_px:
            return
        self._unit_px = view_height_px
        bold = QFont.Weight.DemiBold
        for part, share, weight in (
            (self._heading, _SMALL, QFont.Weight.Normal),
            (self._title, _TITLE, bold),
            (self._text, _TEXT, QFont.Weight.Normal),
            (self._explanation, _TEXT, QFont.Weight.Normal),
            (self._score, _SMALL, QFont.Weight.Normal),
            (self.ask, _SMALL, bold),
            (self.leave, _SMALL, QFont.Weight.Normal),
            *((choice, _CHOICE, bold) for choice in self.choices),
            *((verdict, _TEXT, bold) for verdict in self._verdicts),
        ):
            # Numbers as wide as each other: the choices beside them stand in line.
            tabular = part in self.choices
            part.setFont(font(max(TypeSize.BODY, round(share * view_height_px)), weight, tabular))
        for button in (self.ask, self.leave, self.previous, self.next):
            button.setMinimumHeight(round(_BUTTON * view_height_px))
        for arrow in (self.previous, self.next):
            arrow.setMinimumWidth(round(1.2 * _BUTTON * view_height_px))
            arrow.setIconSize(QSize(*2 * (max(ICON_PX, round(_SMALL * view_height_px)),)))
        edge = max(2 * SPACE_PX, round(0.024 * view_height_px))
        self._layout.setContentsMargins(edge, edge, edge, edge)
        self._layout.setSpacing(max(SPACE_PX, round(0.014 * view_height_px)))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.previous.setIcon(icon("arrow-left", palette))
        self.next.setIcon(icon("arrow-right", palette))
        self._palette = palette
        if self._card is not None:
            self._set_verdicts(self._card.verdicts)


def _label(role: str, text_format: Qt.TextFormat = Qt.TextFormat.PlainText) -> QLabel:
    label = QLabel()
    label.setTextFormat(text_format)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return label
