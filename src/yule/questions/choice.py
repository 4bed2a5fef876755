"""Which auxiliary questions an answer rests on: none that repeats what is asked."""

from dataclasses import dataclass

from yule.core.errors import DELETE_IT, CorruptedOutput
from yule.questions.find import Questions
from yule.questions.halves import N_HALVES
from yule.questions.overlap import Overlaps


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is learned from for a question.

    Parameters
    ----------
    places
        Places of the questions that are learned from, ascending; none where the log asks nothing, or all repeats it.
    half
        The half that they are, whose model is there; None where they are of both, and a model has to be fitted.
    """

    places: tuple[int, ...]
    half: int | None


def choose_questions(questions: Questions, overlaps: Overlaps) -> Choice:
    """Choose the first half that holds no question which repeats what is asked, else all questions that do not.

    Raises
    ------
    CorruptedOutput
        If these are not the same questions.
    """
    if [one.value for one in questions.questions] != [one.value for one in overlaps.questions]:
        raise CorruptedOutput(f"The questions of a log are not those that were compared with the case. {DELETE_IT}")
    left_out = overlaps.left_out
    repeated = {questions.questions[place].half for place in left_out}
    half = next((half for half in range(N_HALVES) if half not in repeated), None)
    places = tuple(
        place
        for place, question in enumerate(questions.questions)
        if place not in left_out and half in (None, question.half)
    )
    return Choice(places=places, half=half)
