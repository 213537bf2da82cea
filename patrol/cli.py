"""The command line: ``patrol --help``. Each command stands in a module of its own in ``patrol/commands``."""

from __future__ import annotations

import typer

from patrol import __version__
from patrol.commands import (
    audit,
    backup,
    bench,
    broker,
    case,
    case_letters,
    case_report,
    check,
    desk,
    dispatch,
    ledger,
    plan,
    receiver,
    registry,
    report,
    retention,
    serve,
    simulate,
    token,
    user,
    visit,
)
from patrol.commands import eval as eval_command

app = typer.Typer(
    name="patrol",
    help="Looks at every public camera of a county in time, proves it, and tells the right department.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("run")(serve.run)
app.command("demo")(serve.demo)
app.command("visit")(visit.visit)
app.command("eval")(eval_command.evaluate)
app.command("check")(check.check)
app.command("schema")(check.schema)
app.command("plan")(plan.plan)
app.command("simulate")(simulate.simulate_command)
app.command("incidents")(desk.list_incidents)
app.command("review")(desk.review)
app.command("alerts")(desk.list_alerts)
app.command("visits")(desk.list_visits)
app.command("route")(dispatch.route)
app.command("dispatch")(dispatch.list_dispatch)
app.command("phone")(dispatch.phone)
app.command("restore")(backup.restore)
app.command("report")(report.report)
app.add_typer(dispatch.silence)
case.app.command("letters")(case_letters.letters)
case.app.command("letter")(case_letters.letter)
case.app.command("report")(case_report.report)
case.app.command("figures")(case_report.figures)
app.add_typer(case.app)
app.add_typer(ledger.app)
app.add_typer(broker.app)
app.add_typer(bench.app)
app.add_typer(receiver.app)
app.add_typer(registry.app)
app.add_typer(token.app)
app.add_typer(user.app)
app.add_typer(audit.app)
app.add_typer(retention.app)
app.add_typer(backup.app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"patrol {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Looks at every public camera of a county in time, proves it, and tells the right department."""


def main() -> None:
    """Entry point of the ``patrol`` command."""
    app()


if __name__ == "__main__":
    main()
