"""What an experiment is: settings of runs, and the pictures and tables made of them."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Setting:
    name: str      # of its folder
    label: str     # in tables and plots
    options: dict  # of the program, without dashes; values as on the command line
    seeds: int = 0  # at most so many; 0: as many as are asked for


@dataclasses.dataclass(frozen=True)
class Plot:
    """A picture: `kind` is a function of run_plots.py, `series` has lists of settings by label."""
    name: str
    kind: str
    title: str
    series: dict


@dataclasses.dataclass(frozen=True)
class Experiment:
    name: str
    settings: list
    plots: list
    program: tuple = ('fed_llm',)  # and its subcommand
    table: str = 'loss'            # the columns of results.py


def settings_of(plots):
    """All settings of the plots' series, each once."""
    return list({setting.name: setting for plot in plots for some in plot.series.values()
                 for setting in some}.values())
