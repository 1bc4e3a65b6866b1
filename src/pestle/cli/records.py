"""The commands that add to the records of a site, and the one that verifies them."""

from __future__ import annotations

import argparse
import getpass
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from pestle.cli.begin import acting, say, site_of, start
from pestle.pharmacy.refusal import Refused, refuse

REFUSED = 1
_KEYS = uuid5(NAMESPACE_URL, "pestle:receive")


def receive(options: argparse.Namespace) -> int:
    """Take in messages from files or folders.

    Each file is one message, taken in as if uploaded, and kept whole whatever becomes of it. Prints one
    line for each: outcome, file, summary, rules. The same file again is the same message. In a folder
    every file is taken, in the order of names; hidden files and sub-folders are not. Exit code 1 when any
    was refused.

    Examples:
      pestle receive order.json --site FZZ01
      pestle receive /var/spool/prescriptions --site FZZ01 --as tess
    """
    start()
    from pestle.web.actions import messages

    by = acting(site_of(options.site), options.by)
    refused = False
    for path in _files(options.paths):
        try:
            data = _read(path)
            digest = hashlib.sha256(data).hexdigest()
            key = str(uuid5(_KEYS, f"{by.id}/{path.name}/{digest}"))
            taken = messages.receive(
                by=by, now=datetime.now(UTC), key=key, data=data, name=path.name, way="command"
            )
            result, again = taken.result, taken.repeated
        except Refused as why:
            result, again = {
                "outcome": "refused", "summary": why.refusals[0].reason, "refusals": [{"rule": why.rule}],
            }, False  # fmt: skip
        rules = ", ".join(dict.fromkeys(refusal["rule"] for refusal in result["refusals"]))
        refused = refused or result["outcome"] == "refused"
        before = "taken in before" if again else ""
        say("\t".join(filter(None, [result["outcome"], path.name, result["summary"], rules, before])))
    return REFUSED if refused else 0


def site_add(options: argparse.Namespace) -> int:
    """Open a site.

    The code is the site's ODS code. --self-check gives the minutes of the pause in its written procedure
    for a lone pharmacist's self-check; without it nobody may check their own work there.

    Examples:
      pestle site add --code FZZ01 --name "High Street Pharmacy"
      pestle site add --code FZZ02 --name "Mill Pharmacy" --self-check 2 --address "2 Mill Lane"
    """
    start()
    from pestle.web.actions.setting_up import open_site

    open_site(
        now=datetime.now(UTC),
        key=str(uuid4()),
        name=options.name,
        code=options.code,
        address=options.address,
        telephone=options.telephone,
        self_check_minutes=options.self_check,
    )
    say(f"{options.code} is open. Next: pestle person add --site {options.code} …")
    return 0


def person_add(options: argparse.Namespace) -> int:
    """Add a person to a site.

    Asks for a password of at least twelve characters on the terminal. Roles: technician,
    accuracy_checker, pharmacist, prescriber, nurse, receptionist, manager; --role may be given again.

    Examples:
      pestle person add tess --name "Tess Okafor" --role technician --registration 5999001 --site FZZ01
      pestle person add mo --name "Mo Rahman" --role manager --site FZZ01
    """
    start()
    from pestle.pharmacy.people import Role
    from pestle.web.actions import setting_up

    by = setting_up.program(site_of(options.site))
    setting_up.add_person(
        by=by,
        now=datetime.now(UTC),
        key=str(uuid4()),
        username=options.username,
        name=options.name,
        roles=[Role(role) for role in options.role],
        password=setting_up.password_hash(_new_password(), username=options.username),
        registration=options.registration,
    )
    say(f"{options.name} can sign in as {options.username}.")
    return 0


def token_add(options: argparse.Namespace) -> int:
    """Make a key with which a program posts messages.

    Prints the key once; only its digest is kept. A manager or pharmacist answers for it (--as). It is
    revoked in the browser, under Manage.

    Examples:
      pestle token add --site FZZ01 --as mo --name "Integration engine" --days 90
    """
    start()
    from pestle.web.actions.people import make_token
    from pestle.web.store import tokens

    secret = tokens.new_secret()
    make_token(
        by=acting(site_of(options.site), options.by),
        now=datetime.now(UTC),
        key=str(uuid4()),
        name=options.name,
        days=options.days,
        digest=tokens.digest(secret),
    )
    say(secret)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Prove that everything is on record as it was written.

    Works out again the chain of what was done, the chain of every batch, every balance and that none was
    ever below zero, every reversal, and that the audit trail vouches for exactly the movements there are.
    Names what is wrong and where. Exit code 1 when anything is. It changes nothing, and nobody waits for
    it.

    Examples:
      pestle verify
      pestle verify --site FZZ01
    """
    start()
    from pestle.web.store import append_only, models
    from pestle.web.store.verify import verify

    append_only.check_at_start()
    broken = False
    sites = [site_of(options.site)] if options.site else list(models.Site.objects.order_by("code"))
    for site in sites:
        found = verify(site)
        for fault in found.faults:
            say(f"{site.code}: {fault}")
        whole = "broken" if found.faults else "whole"
        broken = broken or bool(found.faults)
        say(f"{site.code}: {whole}; {found.events} events, {found.batches} batches, "
            f"{found.movements} movements")  # fmt: skip
    return REFUSED if broken else 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and those in the folders. Raises `Refused` (``receive.no-file``) before any is read."""
    paths = list(paths)
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise refuse("receive.no-file", f"There is no file or folder {gone}")
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.is_file() and each.name[0] != ".")
        else:
            yield path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise refuse("receive.unreadable", f"The file cannot be read: {error.strerror}") from None


def _new_password() -> str:
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise refuse("person.password-differs", "The two passwords are not the same", place="password")
    return first
