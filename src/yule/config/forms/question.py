"""The form of a question that is asked without a case: what would be the labels and the population of one."""

from pydantic import BaseModel

from yule.config.forms.case import PopulationForm
from yule.config.forms.fields import FORM
from yule.config.forms.labels.events import EventLabelsForm


class QuestionForm(BaseModel):
    """Whether an event happens within a horizon, or none does, and who is asked of."""

    model_config = FORM

    labels: EventLabelsForm
    population: PopulationForm
