import datetime
import json
import stat

import pytest

import assets
from gui.core.quiz import Phase, Quiz
from gui.core.tour import Tour, load_quiz, load_tour

LABELS = set(assets.path("labels/imagenet1k.txt").read_text("utf-8").splitlines())
MONDAY = datetime.date(2026, 11, 23)


def play(quiz, right, machine_right):
    truth = quiz.round.question.truth
    wrong = next(choice for choice in quiz.round.choices if choice != truth)
    quiz.answer(truth if machine_right else "broom")
    return quiz.guess(truth if right else wrong)


def test_every_shipped_name_is_a_class_and_every_picture_is_there():
    for question in load_quiz():
        assert question.picture.is_file()
        assert {question.truth, *question.others} <= LABELS
        assert len({question.truth, *question.others}) == 4
    for stop in load_tour():
        assert (stop.truth in LABELS) == stop.known, stop.title
        assert stop.picture is None or stop.picture.is_file()


def test_the_label_stays_hidden_until_the_visitor_has_guessed(tmp_path):
    quiz = Quiz(load_quiz(), tmp_path / "score.json", seed=1)
    assert quiz.round.phase is Phase.GUESS
    assert quiz.answer("cup").phase is Phase.GUESS
    assert quiz.guess(quiz.round.choices[0]).phase is Phase.REVEALED


def test_scores_count_right_answers_once(tmp_path):
    quiz = Quiz(load_quiz(), tmp_path / "score.json", seed=1)
    for right, machine_right in ((True, True), (False, True), (True, False)):
        play(quiz, right, machine_right)
        play(quiz, right, machine_right)  # a second answer to the same round counts nothing
        quiz.next()
    assert (quiz.score.rounds, quiz.score.visitor, quiz.score.machine) == (3, 2, 2)


def test_every_picture_comes_before_one_comes_again(tmp_path):
    quiz = Quiz(load_quiz(), tmp_path / "score.json", seed=2)
    seen = [quiz.round.question.truth] + [quiz.next().question.truth for _ in range(len(load_quiz()) - 1)]
    assert sorted(seen) == sorted(q.truth for q in load_quiz())


def test_the_score_is_kept_for_the_day_and_private(tmp_path):
    path, day = tmp_path / "kept" / "score.json", [MONDAY]
    quiz = Quiz(load_quiz(), path, today=lambda: day[0])
    play(quiz, True, True)
    quiz.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Quiz(load_quiz(), path, today=lambda: day[0]).score.visitor == 1
    day[0] += datetime.timedelta(days=1)
    assert Quiz(load_quiz(), path, today=lambda: day[0]).score.rounds == 0
    assert quiz.score.rounds == 0


@pytest.mark.parametrize(
    "stored",
    ["", "[]", "{", json.dumps({"day": MONDAY.isoformat(), "rounds": 1, "visitor": 9, "machine": 0})],
)
def test_a_damaged_score_begins_anew(tmp_path, stored):
    (tmp_path / "score.json").write_text(stored)
    assert Quiz(load_quiz(), tmp_path / "score.json", today=lambda: MONDAY).score.rounds == 0


def test_what_is_no_choice_is_refused(tmp_path):
    with pytest.raises(ValueError, match="none of"):
        Quiz(load_quiz(), tmp_path / "score.json").guess("broom")


def test_the_tour_goes_round():
    tour = Tour(load_tour())
    first = tour.stop
    assert tour.step(-1) == tour.stops[-1]
    assert tour.step(1) == first
