"""Contract suites for pytest, for those who write a source or a kind of member of their own.

They need the extra ``testing``. Nothing of Yule imports them.
"""

import pytest

pytest.register_assert_rewrite("yule.testing.models", "yule.testing.sources")

from yule.testing.models import ModelContract  # noqa: E402  # what is imported before is not rewritten
from yule.testing.sources import SourceContract  # noqa: E402

__all__ = ["ModelContract", "SourceContract"]
