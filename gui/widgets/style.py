"""The theme as Qt objects: fonts, colours, palette and the one style sheet."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QWidget

import assets
from gui.core.theme import FONT_FAMILY, RADIUS_PX, SPACE_PX, Palette, TypeSize


@cache
def install_fonts() -> None:
    """Make the shipped font files known to Qt, once; needs a QGuiApplication.

    Raises:
        FileNotFoundError: the fonts are not shipped.
    """
    for file in sorted(assets.path("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


def font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal, tabular: bool = False) -> QFont:
    """Return the program's font. ``tabular`` figures keep their place while they change; hyphens grow wide with them."""
    result = QFont(FONT_FAMILY)
    result.setPixelSize(size_px)
    result.setWeight(weight)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def dress(label: QWidget, role: str) -> None:
    """Let ``label`` look as the style sheet says of ``role``, from now on."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def colour(value: str, opacity: float = 1.0) -> QColor:
    """Return ``#RRGGBB`` at an opacity of 0 to 1."""
    result = QColor(value)
    result.setAlphaF(opacity)
    return result


def plate_colour(palette: Palette) -> QColor:
    """Return the translucent ground of text that is painted over a picture."""
    return colour(palette.plate, palette.plate_opacity)


def desktop_moves() -> bool:
    """Return whether the desktop wants animations; needs a QApplication."""
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def apply(application: QApplication, palette: Palette) -> None:
    """Dress the whole application in ``palette``."""
    if not application.styleSheet():  # once: Python keeps something of every style until the process ends
        application.setStyle("Fusion")
    application.setFont(font(TypeSize.BODY))
    application.setPalette(_qt_palette(palette))
    application.setStyleSheet(style_sheet(palette))


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    result = QPalette()
    for roles, value in (
        ((role.Window, role.Button), palette.background),
        ((role.Base, role.AlternateBase), palette.surface),
        ((role.ToolTipBase, role.Mid, role.Midlight, role.Dark), palette.raised),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText), palette.text),
        ((role.Highlight, role.Accent, role.Link), palette.text),
        ((role.HighlightedText,), palette.background),
        ((role.PlaceholderText,), palette.secondary),
    ):
        for one in roles:
            result.setColor(one, QColor(value))
    for one in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, one, QColor(palette.secondary))
    return result


def style_sheet(palette: Palette) -> str:
    """Return the application's style sheet. Roles of labels are told by the dynamic property ``role``."""
    p = palette
    half, radius = SPACE_PX // 2, RADIUS_PX
    return f"""
* {{ outline: none; }}
QMainWindow, QWidget#face {{ background: {p.background}; color: {p.text}; }}
QMainWindow::separator {{ background: {p.background}; width: {SPACE_PX}px; height: {SPACE_PX}px; }}
QMainWindow::separator:hover {{ background: {p.hairline}; }}
QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.hairline}; padding: {half}px; }}

QLabel {{ color: {p.text}; background: transparent; }}
QLabel[role="secondary"] {{ color: {p.secondary}; }}
QLabel[role="caption"] {{ color: {p.secondary}; font-size: {TypeSize.CAPTION}px; }}
QLabel[role="title"] {{ font-size: {TypeSize.TITLE}px; font-weight: 600; }}
QLabel[role="headline"] {{ font-size: {TypeSize.FIGURE}px; font-weight: 600; }}
QLabel[role="lead"] {{ color: {p.secondary}; font-size: {TypeSize.EMPHASIS}px; }}
QLabel[role="measured"] {{ color: {p.measured}; font-size: {TypeSize.FIGURE}px; font-weight: 600; }}
QLabel[role="modelled"] {{ color: {p.modelled}; font-size: {TypeSize.FIGURE}px; font-weight: 600; }}
QLabel[role="section"] {{ color: {p.secondary}; font-size: {TypeSize.CAPTION}px; font-weight: 600; }}
QLabel[role="published"] {{ font-size: {TypeSize.EMPHASIS}px; font-weight: 600; }}
QLabel[role="modelled-small"] {{ color: {p.modelled}; font-size: {TypeSize.EMPHASIS}px; font-weight: 600; }}
QLabel[role="refusal"] {{ color: {p.bad}; font-size: {TypeSize.CAPTION}px; }}

QFrame[role="panel"] {{ background: {p.surface}; border: 1px solid {p.hairline}; border-radius: {radius}px; }}
QFrame[role="card"] {{ background: {p.raised}; border: 1px solid {p.hairline}; border-radius: {radius}px; }}
QFrame[role="drawer"] {{
    background: {p.background}; border: 0 solid {p.hairline}; border-left-width: 1px; border-right-width: 1px;
}}
QFrame[role="line"] {{ background: {p.hairline}; border: none; }}
QFrame[role="strip"] {{ background: {p.surface}; border: none; border-top: 1px solid {p.hairline}; }}

QPushButton, QToolButton {{
    background: {p.raised}; color: {p.text}; border: 2px solid {p.raised}; border-radius: {radius}px;
    padding: {half}px {SPACE_PX}px; min-height: 20px;
}}
QPushButton[role="choice"] {{ text-align: left; padding: {SPACE_PX}px {2 * SPACE_PX}px; }}
QFrame[role="card"] QPushButton, QFrame[role="card"] QToolButton {{ border-color: {p.hairline}; }}
QToolBar QToolButton {{ margin-top: 17px; }}
QToolButton#qt_toolbar_ext_button {{ padding: 0; border-width: 0; }}
QToolButton#qt_toolbar_ext_button:focus {{ background: {p.secondary}; }}
QPushButton:hover, QToolButton:hover {{ border-color: {p.hairline}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {p.hairline}; }}
QToolButton:checked {{ background: {p.hairline}; }}
QFrame[role="card"] QPushButton:focus, QFrame[role="card"] QToolButton:focus,
QPushButton:focus, QToolButton:focus {{ border-color: {p.text}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {p.secondary}; background: {p.surface}; }}

QComboBox {{
    background: {p.raised}; color: {p.text}; border: 2px solid {p.raised}; border-radius: {radius}px;
    padding: {half}px {SPACE_PX}px; min-height: 20px;
}}
QComboBox:hover {{ border-color: {p.hairline}; }}
QComboBox:focus, QComboBox:on {{ border-color: {p.text}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{
    background: {p.raised}; color: {p.text}; border: 1px solid {p.hairline}; padding: {half}px;
    selection-background-color: {p.text}; selection-color: {p.background};
}}

QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover {{
    background: {p.text}; color: {p.background};
}}
QDoubleSpinBox {{
    background: {p.raised}; color: {p.text}; border: 2px solid {p.raised}; border-radius: {radius}px;
    padding: 0 {half}px; min-height: 22px;
    selection-background-color: {p.text}; selection-color: {p.background};
}}
QDoubleSpinBox:hover {{ border-color: {p.hairline}; }}
QDoubleSpinBox:focus {{ border-color: {p.text}; }}
QDoubleSpinBox:disabled {{ color: {p.secondary}; background: {p.surface}; }}
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button, QSpinBox::up-button, QSpinBox::down-button {{
    subcontrol-origin: border; width: 0; height: 0; border: none;
}}
QDoubleSpinBox QLineEdit {{ border: none; padding: 0; min-height: 0; background: transparent; }}
QSlider::groove:horizontal {{ background: {p.hairline}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {p.secondary}; border: 2px solid {p.secondary}; width: 12px; margin: -6px 0; border-radius: {radius}px;
}}
QSlider::handle:horizontal:hover {{ background: {p.text}; border-color: {p.text}; }}
QSlider::handle:horizontal:focus {{ background: {p.background}; border-color: {p.text}; }}
QSlider::handle:horizontal:disabled {{ background: {p.hairline}; border-color: {p.hairline}; }}
QScrollArea {{ background: {p.background}; border: none; }}

QListView {{
    background: {p.surface}; color: {p.text}; border: 2px solid {p.surface}; border-radius: {radius}px;
    padding: {half}px;
}}
QListView:focus {{ border-color: {p.text}; }}
QListView::item {{ padding: 6px {half}px; border-radius: {half}px; color: {p.text}; }}
QListView::item:hover {{ background: {p.raised}; }}
QListView::item:selected {{ background: {p.raised}; color: {p.text}; }}
QListView::item:disabled {{ color: {p.secondary}; }}

QWidget#sheet_content, QScrollArea#sheet_scroll {{ background: {p.raised}; }}
QFrame#sheet QListView {{ background: {p.surface}; }}
QLineEdit, QSpinBox {{
    background: {p.surface}; color: {p.text}; border: 2px solid {p.hairline}; border-radius: {radius}px;
    padding: {half}px {SPACE_PX}px; min-height: 20px;
    selection-background-color: {p.text}; selection-color: {p.background};
}}
QLineEdit, QComboBox QLineEdit, QComboBox {{ placeholder-text-color: {p.secondary}; }}
QLineEdit:focus, QSpinBox:focus {{ border-color: {p.text}; }}
QComboBox QLineEdit, QSpinBox QLineEdit {{ border: none; padding: 0; background: transparent; }}
QFrame#sheet QComboBox {{ background: {p.surface}; border-color: {p.hairline}; }}
QFrame#sheet QComboBox:focus, QFrame#sheet QComboBox:on {{ border-color: {p.text}; }}
QCheckBox {{ color: {p.text}; spacing: {SPACE_PX}px; }}
QCheckBox::indicator {{
    width: 20px; height: 20px; border: 2px solid {p.secondary}; border-radius: {half}px; background: {p.surface};
}}
QCheckBox::indicator:checked {{ background: {p.text}; border-color: {p.text}; }}
QCheckBox:focus {{ text-decoration: underline; }}
QCheckBox::indicator:focus {{ border-color: {p.text}; }}
QMenu {{
    background: {p.raised}; color: {p.text}; border: 1px solid {p.hairline}; padding: {half}px;
}}
QMenu::item {{ padding: 6px {3 * SPACE_PX}px 6px {2 * SPACE_PX}px; border-radius: {half}px; }}
QMenu::item:selected {{ background: {p.text}; color: {p.background}; }}
QMenu::item:disabled {{ color: {p.secondary}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}

QProgressBar {{
    background: {p.hairline}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px;
}}
QProgressBar::chunk {{ background: {p.text}; border-radius: 4px; }}

QToolBar {{
    background: {p.surface}; border: none; border-bottom: 1px solid {p.hairline};
    padding: {SPACE_PX}px; spacing: {SPACE_PX}px;
}}
QWidget#dock_title {{ background: {p.background}; }}
QWidget#dock_title QToolButton {{ background: {p.background}; border-color: {p.background}; padding: 0; min-height: 0; }}
QWidget#dock_title QToolButton:hover {{ background: {p.raised}; border-color: {p.raised}; }}
QWidget#dock_title QToolButton:focus {{ border-color: {p.text}; }}

QTabBar {{ qproperty-drawBase: 0; qproperty-elideMode: ElideNone; font-size: {TypeSize.CAPTION}px; }}
QTabBar::tab {{
    background: {p.background}; color: {p.secondary}; border: 2px solid {p.background}; border-radius: {radius}px;
    padding: {half}px {SPACE_PX}px; margin-right: {half}px;
}}
QTabBar::tab:selected {{ background: {p.raised}; color: {p.text}; border-color: {p.raised}; }}
QTabBar::tab:hover {{ border-color: {p.hairline}; }}
QTabBar::tab:focus {{ border-color: {p.text}; }}
QTabBar::scroller {{ width: 48px; }}
QTabBar::tear {{ width: 0; }}
QTabBar QToolButton {{ padding: 0; border-width: 0; min-height: 0; border-radius: {half}px; }}
QTabBar QToolButton:disabled {{ background: {p.background}; }}

QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {p.hairline}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {p.secondary}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; border: none; width: 0; height: 0;
}}
"""
