"""What every test may ask for: samples, a database, and how the run itself is judged.

Three ways to a database, the cheapest first. `db` (pytest-django's): one copy for the whole run,
each test in a transaction that is rolled back. `database`: a migrated copy of the test's own, for
what commits, uses threads or serves the site. `demo_database`: the same with the demo site's data.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import pytest

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# No test asserts a time, so no property has a deadline.
hypothesis.settings.register_profile("full", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
# For whoever changes what a property is about: pytest --hypothesis-profile=thorough PATH.
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1600)
hypothesis.settings.load_profile("full")

_ONE_FOR_ALL = {"db"}
_OWN_COPY = {"database", "demo_database", "live_site"}
_A_BROWSER = {"page", "context", "browser"}
_LONGEST = {"test_every_page"}


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of public sample messages and tables, named by PESTLE_SAMPLES.

    Without the setting the test is skipped; where it is set, a folder that is missing is a failure.
    """
    folder = os.environ.get("PESTLE_SAMPLES")
    if not folder:
        pytest.skip("PESTLE_SAMPLES is not set: no public samples to test against")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"PESTLE_SAMPLES names {folder}, which is not a folder")
    return path


@pytest.fixture(scope="session")
def migrated_template(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The name of a migrated, empty database that is only ever copied."""
    from tests import databases

    folder = tmp_path_factory.mktemp("migrated")
    kept = _of_the_run(tmp_path_factory) / "migrated.sqlite3"
    with django_db_blocker.unblock(), databases.for_all(kept, lambda: databases.migrated(folder)) as name:
        yield name


@pytest.fixture(scope="session")
def demo_template(
    migrated_template: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with the demo site's data that is only ever copied."""
    from tests import databases

    from pestle.demo.load import make_demo

    folder = tmp_path_factory.mktemp("demo")

    @contextmanager
    def made() -> Iterator[str]:
        with databases.copy_of(migrated_template, folder) as name:
            with databases.pointing_at(name):
                make_demo(now=datetime.now(UTC))
            yield name

    kept = _of_the_run(tmp_path_factory) / "demo.sqlite3"
    with django_db_blocker.unblock(), databases.for_all(kept, made) as name:
        yield name


def _of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def django_db_setup(
    migrated_template: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """In place of pytest-django's own, which would flush: the copy that `db` tests roll back in."""
    for _ in _own_copy(migrated_template, django_db_blocker, tmp_path_factory.mktemp("rolled-back")):
        yield


@pytest.fixture
def database(migrated_template: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, migrated and empty, committed to for real. Gives its name."""
    yield from _own_copy(migrated_template, django_db_blocker, tmp_path)


@pytest.fixture
def demo_database(demo_template: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own with the demo site's data, committed to for real. Gives its name."""
    yield from _own_copy(demo_template, django_db_blocker, tmp_path)


def _own_copy(template: str, blocker: DjangoDbBlocker, folder: Path) -> Iterator[str]:
    from tests import databases

    with blocker.unblock(), databases.copy_of(template, folder) as name, databases.pointing_at(name):
        yield name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        action="store_true",
        help="run on a PostgreSQL of this run's own, not on the database that PESTLE_DATABASE_URL names",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the database before Django reads its settings; without Django's plugin, leave Django alone."""
    if not config.pluginmanager.hasplugin("django"):
        return
    # A process that only hands out tests has no home: its workers would inherit it, and its keys.
    if config.getoption("numprocesses", 0) and not hasattr(config, "workerinput"):
        return
    home = tempfile.mkdtemp(prefix="pestle-test-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    Path(home, "static").mkdir()
    if hasattr(config, "workerinput"):
        # The processes of a run copy one demo: what one of them sealed the others verify.
        Path(home, "signing.key").write_text(config.workerinput["testrunuid"])
    os.environ["PESTLE_HOME"] = home
    os.environ["PESTLE_HTTPS"] = "off"
    from pestle.demo import DICTIONARY

    os.environ["PESTLE_DICTIONARY"] = DICTIONARY
    if config.getoption("postgres"):
        from tests import postgres

        own = ExitStack()
        os.environ["PESTLE_DATABASE_URL"] = own.enter_context(postgres.server())
        config.add_cleanup(own.close)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
    # Playwright keeps an event loop in the main thread, where Django would then refuse plain queries.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    import django

    django.setup()
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    # The invented passwords are hashed as any other, only not so many times over.
    PBKDF2PasswordHasher.iterations = 1000


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it asks for, so that -m db selects what must run on both databases.

    The longest come first: a process that is done with the short ones has nothing to wait for at the end.
    """
    items.sort(key=lambda item: item.path.stem not in _LONGEST)
    for item in items:
        asks = set(getattr(item, "fixturenames", ()))
        in_transaction = bool(asks & _ONE_FOR_ALL) or item.get_closest_marker("django_db") is not None
        if in_transaction and asks & _OWN_COPY:
            raise pytest.UsageError(f"{item.nodeid} asks for two databases: the shared one and its own")
        if in_transaction or asks & _OWN_COPY:
            item.add_marker("db")
        if asks & _A_BROWSER:
            item.add_marker("browser")
        if item.path.stem.endswith(("_page", "_pages")):
            item.add_marker("pages")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where PESTLE_SAMPLES is set, as in CI, nothing may be skipped."""
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself whole."""
    return _no_skip((yield))


def _no_skip(report: Report) -> Report:
    expected = hasattr(report, "wasxfail")
    if os.environ.get("PESTLE_SAMPLES") and report.skipped and not expected:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped, where PESTLE_SAMPLES is set and nothing may be skipped: {reason}"
    return report
