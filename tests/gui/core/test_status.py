"""What the window is told, and by whom."""

from pathlib import Path

from gui.core.batch import BatchItem
from gui.core.state import EngineState, Severity, SourceState
from gui.core.status import KEPT_MESSAGES, Status, Topic


def quiet_status() -> tuple[Status, list[Topic]]:
    topics: list[Topic] = []
    return Status(topics.append), topics


def test_messages_are_newest_first_and_not_repeated():
    status, topics = quiet_status()
    for text in ("one", "two", "two", "one"):
        status.post(Severity.INFO, text)
    assert [message.text for message in status.messages()] == ["two", "one"]
    assert topics == [Topic.MESSAGE] * 2


def test_messages_are_bounded():
    status, _ = quiet_status()
    for number in range(3 * KEPT_MESSAGES):
        status.post(Severity.INFO, str(number))
    assert len(status.messages()) == KEPT_MESSAGES


def test_a_source_given_up_is_not_heard():
    status, topics = quiet_status()
    old, new = object(), object()
    status.own_source(old)
    status.own_source(new)
    topics.clear()
    status.set_source(old, SourceState.LIVE)
    status.begin_batch(old, 3)
    assert topics == []
    assert status.batch is None
    status.set_source(new, SourceState.LIVE)
    assert status.source_state is SourceState.LIVE


def test_only_changes_ring():
    status, topics = quiet_status()
    owner = object()
    status.own_source(owner)
    topics.clear()
    for _ in range(3):
        status.set_source(owner, SourceState.LIVE)
        status.set_engine(EngineState.READY)
    assert topics == [Topic.STATE] * 2


def test_a_batch_holds_no_more_than_its_files():
    status, _ = quiet_status()
    owner = object()
    status.own_source(owner)
    status.begin_batch(owner, 2)
    status.add_batch_item(owner, BatchItem(Path("a.jpg"), error="broken"))
    for _ in range(3):
        status.add_batch_item(owner, BatchItem(Path("b.jpg")))
    assert [item.path.name for item in status.batch.items] == ["a.jpg", "b.jpg"]
    assert (status.batch.total, status.batch.failed) == (2, 1)
