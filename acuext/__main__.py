"""`python -m acuext`: the command."""

from acuext.cli import cli

if __name__ == "__main__":
    cli(prog_name="acuext")
