"""The written form of ``features/NAME.yaml``."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias, get_args

from annotated_types import MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    RootModel,
    Tag,
    WithJsonSchema,
    model_validator,
)

from yule.config.forms.checks import (
    Fault,
    check_download,
    check_has_time,
    check_joined_condition,
    checked,
    checked_with,
    find_aggregate_faults,
    find_condition_faults,
    find_item_faults,
    find_join_faults,
    find_profile_faults,
    find_repeated,
    find_repeated_shares,
    find_share_faults,
    find_text_faults,
    find_text_window_faults,
    find_weight_faults,
    raise_faults,
    suggest_choice,
    with_joined_columns,
)
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.config.forms.values import Window, parse_duration
from yule.core.settings import Json
from yule.features.settings import (
    Aggregate,
    AggregateKind,
    EventFeatures,
    ItemFeatures,
    Join,
    ProfileFeatures,
    Share,
    TextFeatures,
)

OF_EVENTS: tuple[AggregateKind, ...] = ("count", "days", "recency", "tenure", "gaps", "trend", "decayed")
"""Aggregates that are written as a word."""

OF_PERIODS: tuple[AggregateKind, ...] = ("streaks",)
"""Aggregates that take the length of a period."""

OF_COLUMN: tuple[AggregateKind, ...] = tuple(
    kind for kind in get_args(AggregateKind) if kind in ("trend", "decayed") or kind not in (*OF_EVENTS, *OF_PERIODS)
)
"""Aggregates that take a column."""


def parse_aggregate(written: Json) -> Aggregate:
    """Read ``count``, ``{sum: sales_value}`` or ``{streaks: 7 days}``.

    >>> parse_aggregate({"sum": "sales_value"})
    Aggregate(kind='sum', of='sales_value', every=None)
    """
    if isinstance(written, dict) and len(written) != 1:
        raise ValueError("an item of this list is one aggregate: count, or {sum: COLUMN}")
    name, of = next(iter(written.items())) if isinstance(written, dict) else (written, None)
    for kind in get_args(AggregateKind):
        if kind == name and kind in OF_PERIODS:
            return Aggregate(kind=kind, every=_parse_period(kind, of))
        if kind == name:
            return Aggregate(kind=kind, of=_check_column(kind, of))
    hint = suggest_choice(name, get_args(AggregateKind)) if isinstance(name, str) else ""
    raise ValueError(f"{name!r} is no aggregate{hint}")


def _check_column(kind: AggregateKind, of: Json) -> str | None:
    if kind not in OF_COLUMN and of is not None:
        raise ValueError(f"{kind} takes no column; write {kind}")
    if kind not in OF_EVENTS and not isinstance(of, str):
        raise ValueError(f"{kind} needs a column; write {{{kind}: COLUMN}}")
    return of if isinstance(of, str) else None


def _parse_period(kind: AggregateKind, every: Json) -> timedelta:
    if every is None:
        raise ValueError(f"{kind} needs the length of a period; write {{{kind}: 7 days}}")
    return parse_duration(every)


AnyAggregate: TypeAlias = Annotated[
    Aggregate,
    BeforeValidator(parse_aggregate),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(OF_EVENTS)},
                {
                    "type": "object",
                    "properties": {kind: {"type": "string", "description": "The column."} for kind in OF_COLUMN}
                    | {
                        kind: {"type": "string", "description": "Length of a period, such as 7 days."}
                        for kind in OF_PERIODS
                    },
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class EventFeaturesForm(BaseModel):
    """A feature set of numbers per user and window, from a table of events. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["events"] = like(EventFeatures, "kind")
    download: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        EventFeatures, "download", example="purchases"
    )
    joins: Annotated[tuple[Join, ...], AfterValidator(find_join_faults)] = like(EventFeatures, "joins")
    where: Annotated[str | None, AfterValidator(check_joined_condition)] = like(EventFeatures, "where")
    windows: Annotated[tuple[Window, ...], MinLen(1), checked(find_repeated)] = like(EventFeatures, "windows")
    aggregates: Annotated[
        tuple[AnyAggregate, ...], with_joined_columns(find_aggregate_faults), checked(find_repeated)
    ] = like(EventFeatures, "aggregates")
    shares: Annotated[tuple[Share, ...], with_joined_columns(find_share_faults), checked(find_repeated_shares)] = like(
        EventFeatures, "shares"
    )

    @model_validator(mode="after")
    def _check_whole(self) -> "EventFeaturesForm":
        if not self.aggregates and not self.shares:
            raise ValueError("this computes nothing; write aggregates or shares")
        raise_faults(self._find_window_faults())
        return self

    def _find_window_faults(self) -> Iterable[Fault]:
        """Find aggregates that come to nothing with the windows there are."""
        for index, aggregate in enumerate(self.aggregates):
            if aggregate.kind == "trend" and len(self.windows) < 2:
                message = "a trend compares a window with the next longer one; write two windows or more"
                yield Fault(at=("aggregates", index), message=message)
            if aggregate.kind == "decayed" and self.windows == (None,):
                message = "decayed takes the lengths of the windows as half-lives, and `all` has none; write one more"
                yield Fault(at=("aggregates", index), message=message)

    def settings(self, name: str) -> EventFeatures:
        """Return the feature set."""
        return EventFeatures(
            name=name,
            download=self.download,
            joins=self.joins,
            where=self.where,
            windows=self.windows,
            aggregates=self.aggregates,
            shares=self.shares,
        )


class ProfileFeaturesForm(BaseModel):
    """A feature set of columns taken as they are, from a table of users. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["profile"]
    download: Annotated[str, AfterValidator(check_download)] = like(ProfileFeatures, "download", example="households")
    # Left out they are all columns; an empty list would say none.
    columns: Annotated[
        tuple[str, ...], MinLen(1), checked_with("download", find_profile_faults), checked(find_repeated)
    ] = like(ProfileFeatures, "columns")

    def settings(self, name: str) -> ProfileFeatures:
        """Return the feature set."""
        return ProfileFeatures(name=name, download=self.download, columns=self.columns)


class ItemFeaturesForm(BaseModel):
    """A feature set of embeddings of the items a user touched. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["items"]
    download: Annotated[str, AfterValidator(check_download), AfterValidator(check_has_time)] = like(
        ItemFeatures, "download", example="purchases"
    )
    where: Annotated[str | None, checked_with("download", find_condition_faults)] = like(ItemFeatures, "where")
    item: Annotated[str, checked_with("download", find_item_faults)] = like(ItemFeatures, "item", example="product_id")
    weight: Annotated[str | None, checked_with("download", find_weight_faults)] = like(ItemFeatures, "weight")
    windows: Annotated[tuple[Window, ...], MinLen(1), checked(find_repeated)] = like(ItemFeatures, "windows")
    dimensions: int = like(ItemFeatures, "dimensions")
    top: int = like(ItemFeatures, "top")
    min_users: int = like(ItemFeatures, "min_users")

    def settings(self, name: str) -> ItemFeatures:
        """Return the feature set."""
        return ItemFeatures(
            name=name,
            download=self.download,
            where=self.where,
            item=self.item,
            weight=self.weight,
            windows=self.windows,
            dimensions=self.dimensions,
            top=self.top,
            min_users=self.min_users,
        )


class TextFeaturesForm(BaseModel):
    """A feature set of what a user's texts are about. Its name is the name of the file."""

    model_config = FORM

    version: Version = version_field()
    kind: Literal["text"]
    download: Annotated[str, AfterValidator(check_download)] = like(TextFeatures, "download", example="reviews")
    where: Annotated[str | None, checked_with("download", find_condition_faults)] = like(TextFeatures, "where")
    columns: Annotated[tuple[str, ...], checked_with("download", find_text_faults), checked(find_repeated)] = like(
        TextFeatures, "columns", example="[title, body]"
    )
    windows: Annotated[
        tuple[Window, ...], checked_with("download", find_text_window_faults), checked(find_repeated)
    ] = like(TextFeatures, "windows")
    terms: Literal["words", "characters"] = like(TextFeatures, "terms")
    dimensions: int = like(TextFeatures, "dimensions")
    top: int = like(TextFeatures, "top")
    min_users: int = like(TextFeatures, "min_users")

    def settings(self, name: str) -> TextFeatures:
        """Return the feature set."""
        return TextFeatures(
            name=name,
            download=self.download,
            where=self.where,
            columns=self.columns,
            windows=self.windows,
            terms=self.terms,
            dimensions=self.dimensions,
            top=self.top,
            min_users=self.min_users,
        )


class FeatureSetForm(
    RootModel[
        Annotated[
            Annotated[EventFeaturesForm, Tag("events")]
            | Annotated[ProfileFeaturesForm, Tag("profile")]
            | Annotated[ItemFeaturesForm, Tag("items")]
            | Annotated[TextFeaturesForm, Tag("text")],
            Discriminator(lambda written: str(written.get("kind", EventFeatures.kind))),
        ]
    ]
):
    """A feature set: of events, unless ``kind`` says otherwise: ``profile``, ``items`` or ``text``."""
