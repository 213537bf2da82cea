"""``patrol backup`` and ``patrol restore``: copies of all that the service keeps, made while it runs, and the way back."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session
from typer.core import TyperGroup

from patrol import audit, backup, retention
from patrol.access import Caller, Role
from patrol.commands import _say
from patrol.commands._registry import RegistryFile
from patrol.commands._store import Data, Database, Json, opened, reached
from patrol.ledger import roots


class Evidence(StrEnum):
    """Which clips and pictures of looks are copied."""

    ALL = "all"
    LATELY = "30d"
    NONE = "none"


class _ToPlace(TyperGroup):
    """``patrol backup DEST`` is ``patrol backup to DEST``: what is no command is a place."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"-h", "--help"}:
            args = ["to", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="backup",
    cls=_ToPlace,
    help="Make a backup while the service runs: patrol backup DEST. Check one: patrol backup verify.",
    no_args_is_help=True,
)


@app.command("to", help="Make a backup in DEST, a folder of backups; `patrol backup DEST` is the same.")
def to_command(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="Folder of backups.")],
    with_evidence: Annotated[Evidence, typer.Option(help="Clips and pictures of looks.")] = Evidence.ALL,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave out the key that signs links, and credential files.")
    ] = False,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a backup in a folder of backups; what an earlier one there has already is not copied again."""
    with reached(data, database) as store, Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=None)
        try:
            made = backup.make(
                store,
                data,
                registry,
                destination,
                evidence=with_evidence.value,
                secrets=not without_secrets,
                now=datetime.now(UTC),
                on_progress=lambda done: progress.update(task, completed=done),
            )
            with store.sessions.begin() as session:
                _trail(session, "backup.make", made.manifest, made.sha256, place=str(made.folder))
        except (backup.BackupError, backup.DatabaseError, retention.BusyError) as error:
            _say.stop(str(error))
    manifest = made.manifest
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.backup_made/1",
                "folder": str(made.folder),
                "manifest_sha256": made.sha256,
                "files": len(manifest.files),
                "bytes": sum(one.bytes for one in manifest.files),
                "copied_bytes": made.copied,
                "linked_bytes": made.linked,
                "evidence_left_out": manifest.left_out,
                "chain": {"position": manifest.chain[0], "hash": manifest.chain[1]},
                "problems": list(manifest.problems),
            }
        )
    else:
        for sentence in manifest.problems:
            typer.echo(sentence)
        typer.echo(
            f"{made.folder}: {len(manifest.files)} files, {made.copied / 1e6:.1f} MB copied, "
            f"{made.linked / 1e6:.1f} MB had by an earlier backup, {manifest.left_out} evidence files left out; read back whole"
        )
        typer.echo(f"manifest {made.sha256}")
    raise typer.Exit(_say.FAILED if manifest.problems else _say.OK)


@app.command("verify")
def verify_command(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="One backup, or a folder of backups: its newest.")],
    manifest_sha256: Annotated[str | None, typer.Option(help="As it was written down elsewhere.")] = None,
    as_json: Json = False,
) -> None:
    """Read a backup again: every file, the database, the ledger's chain."""
    folder = _one(source)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=None)
        try:
            checked = backup.verify(
                folder, on_progress=lambda done, total: progress.update(task, completed=done, total=total)
            )
        except (backup.ManifestError, backup.DatabaseError) as error:
            _say.stop(str(error))
    problems = list(checked.problems)
    if manifest_sha256 is not None and manifest_sha256.lower() != checked.sha256:
        problems.append("the manifest is not the one that was written down elsewhere")
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.backup_verify/1",
                "folder": str(folder),
                "holds": not problems,
                "manifest_sha256": checked.sha256,
                "files": len(checked.manifest.files),
                "problems": problems,
            }
        )
    else:
        for sentence in problems:
            typer.echo(sentence)
        found = "whole" if not problems else f"{len(problems)} problems"
        typer.echo(f"{folder}: {len(checked.manifest.files)} files of {checked.manifest.made_at}: {found}")
        typer.echo(f"manifest {checked.sha256}")
    raise typer.Exit(_say.FAILED if problems else _say.OK)


def restore(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="One backup, or a folder of backups: its newest.")],
    data: Annotated[Path, typer.Option(help="Folder for the service's data; not there yet, or empty.")],
    database: Annotated[
        str | None,
        typer.Option(envvar="PATROL_RESTORE_DATABASE", help="Of a backup of PostgreSQL: an empty database's address."),
    ] = None,
    manifest_sha256: Annotated[str | None, typer.Option(help="As it was written down elsewhere.")] = None,
    roots_file: Annotated[
        Path | None, typer.Option("--roots", help="Daily roots that were kept elsewhere (patrol ledger root).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty place: everything or nothing, checked against hashes and the ledger's chain."""
    folder = _one(source)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=None)
        try:
            done = backup.restore(
                folder,
                data,
                database,
                sealed=manifest_sha256,
                kept=roots.read_file(roots_file) if roots_file is not None else (),
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
        except (backup.RestoreError, backup.ManifestError, backup.DatabaseError, roots.RootsFileError) as error:
            _say.stop(str(error))
    with opened(data, database) as store, store.sessions.begin() as session:
        _trail(session, "backup.restore", done.manifest, done.sha256, place=str(data))
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.restored/1",
                "made_at": done.manifest.made_at,
                "files": len(done.manifest.files),
                "links": done.links,
                "evidence_checked": done.files,
                "migrated": done.migrated,
                "registry": str(done.registry),
            }
        )
        return
    typer.echo(
        f"restored to {data}: {len(done.manifest.files)} files of {done.manifest.made_at}; "
        f"{done.links} links of the ledger and {done.files} evidence files hold{'; schema brought up to date' if done.migrated else ''}"
    )
    typer.echo(f"start it with: patrol run --data {data} --registry {done.registry}")


def _trail(session: Session, action: str, manifest: backup.Manifest, sha256: str, *, place: str) -> None:
    """Write down that all evidence was copied, or came from a copy."""
    caller = Caller("command-line", Role.ADMIN, shown=getpass.getuser())
    detail = {
        "manifest_sha256": sha256,
        "made_at": manifest.made_at,
        "files": len(manifest.files),
        "evidence": manifest.evidence,
        "secrets": manifest.secrets,
    }
    audit.write(session, caller, action, now=datetime.now(UTC), kind="backup", ref=place, detail=detail)


def _one(source: Path) -> Path:
    """The backup itself, or the newest of a folder of backups."""
    newest = backup.newest(source)
    return source if newest is None else newest
