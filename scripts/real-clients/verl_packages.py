"""A pytest plugin: makes verl's package importable from ``VERL_CHECKOUT`` without torch and ray."""

import os

from hollow import hollow

_CHECKOUT = os.environ["VERL_CHECKOUT"]
hollow(_CHECKOUT, "verl", "verl.utils", "verl.utils.reward_score")
