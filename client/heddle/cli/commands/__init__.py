"""The commands, by what they are about. Importing `heddle.cli.main` names them all."""
