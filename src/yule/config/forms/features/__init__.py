"""The written form of ``features/NAME.yaml``, one file for each kind with what it may say."""

from typing import Annotated

from pydantic import Discriminator, RootModel, Tag

from yule.config.forms.features.events import EventFeaturesForm
from yule.config.forms.features.items import ItemFeaturesForm
from yule.config.forms.features.profile import ProfileFeaturesForm
from yule.config.forms.features.roles import RoleFeaturesForm
from yule.config.forms.features.texts import TextFeaturesForm
from yule.features.settings import EventFeatures


class FeatureSetForm(
    RootModel[
        Annotated[
            Annotated[EventFeaturesForm, Tag("events")]
            | Annotated[ProfileFeaturesForm, Tag("profile")]
            | Annotated[ItemFeaturesForm, Tag("items")]
            | Annotated[TextFeaturesForm, Tag("text")]
            | Annotated[RoleFeaturesForm, Tag("roles")],
            Discriminator(lambda written: str(written.get("kind", EventFeatures.kind))),
        ]
    ]
):
    """A feature set: of events, unless ``kind`` says otherwise: ``profile``, ``items``, ``text`` or ``roles``."""
