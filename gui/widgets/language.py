"""The window's language: English is in the source, others are loaded from ``gui/translations``."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gui.core.text import use_translator
from gui.translations import FOLDER

AUTO = "auto"
ENGLISH = "en"


def install_language(application: QCoreApplication, language: str) -> tuple[QTranslator, ...]:
    """Translate what is built and said from now on; return what was installed (nothing for English).

    ``language`` is a code, or ``auto`` for the desktop's language where there is a translation, else English.
    """
    code = QLocale.system().name().partition("_")[0] if language == AUTO else language
    own = FOLDER / f"lens7_{code}.qm"
    if code == ENGLISH or not own.is_file():
        return ()
    installed = []
    for file in (
        str(own),
        f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/qtbase_{code}.qm",
    ):
        translator = QTranslator(application)
        if translator.load(file):  # Qt's own words are not in every distribution of Qt
            application.installTranslator(translator)
            installed.append(translator)
    use_translator(_translate)
    return tuple(installed)


def _translate(context: str, text: str, n: int) -> str:
    return QCoreApplication.translate(context, text, "", n)


def window_locale() -> QLocale:
    """Return how fields write and read numbers: as the window's language does, whatever the desktop's is."""
    locale = QLocale(QCoreApplication.translate("Language", "en"))
    locale.setNumberOptions(
        QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator
    )
    return locale
