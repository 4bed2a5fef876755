"""The ``yule`` command: all its commands by their names."""

import typer

from yule.cli.commands import (
    ask,
    checks,
    clean,
    compare,
    downloads,
    features,
    image,
    kubernetes,
    models,
    predict,
    project,
    remote,
    rerun,
    results,
    run,
    status,
    upkeep,
)

app = typer.Typer(
    name="yule",
    help="Turn a question about users into a ranked, calibrated list of users.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    # In colour: else click would drop escape sequences from the data before they can be shown.
    context_settings={"help_option_names": ["-h", "--help"], "color": True},
)
app.command("init")(project.init)
app.command("new")(project.new)
app.command("check")(checks.check)
app.command("schema")(project.schema)
app.command("plan")(run.plan)
app.command("features")(features.features)
app.command("ask")(ask.ask)
app.command("run")(run.run)
app.command("rerun")(rerun.rerun)
app.command("explain")(run.explain)
app.command("status")(status.status)
app.command("logs")(remote.logs)
app.command("stop")(remote.stop)
downloads.app.command("check")(upkeep.check)
downloads.app.command("refresh")(upkeep.refresh)
downloads.app.command("prune")(upkeep.prune)
app.add_typer(downloads.app, name="downloads")
app.add_typer(image.app, name="image")
app.add_typer(kubernetes.app, name="kubernetes")
app.command("runs")(results.runs)
app.command("show")(results.show)
app.add_typer(models.app, name="models")
app.command("compare")(compare.compare)
app.command("predict")(predict.predict)
app.command("clean")(clean.clean)
app.command("tensorboard")(results.tensorboard)


def _print_version(wanted: bool) -> None:
    if wanted:
        from yule import __version__

        typer.echo(f"yule {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Turn a question about users into a ranked, calibrated list of users."""
