"""The same invented pharmacy as the actions are tested on."""

from tests.web.actions.conftest import bench, own_bench

__all__ = ["bench", "own_bench"]
