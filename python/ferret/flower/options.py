"""What one can choose, in the words of fed_llm, and the plan that comes of it."""

import dataclasses
import re

import ferret

PREFIX = 'ferret.'


@dataclasses.dataclass(frozen=True)
class Options:
    """The options of a federation, which its server alone chooses.

    bytes, bytes_down: what a client may send in a round, and the size of a broadcast: a number, with K or M,
    or a
        share of FedAvg's such as 1/1000. bytes_down: '' is the same as bytes.
    budget: coordinates in a message (K); 0: what bytes and bytes_down have room for. coordinates,
    coordinates_down: number format of coordinates in messages and in broadcasts. basis: distribution of the
    random bases. layout: uniform (`blocks` of one size), per-tensor or grouped. budget_rule: how the budget
    is spread over the blocks. seeds: shared by all clients, or per-client. seed_refresh: new bases each
    round, or fixed. seed: of all bases. server_lr: how far the model follows the clients' mean update; 0: 1,
    less what its noise asks for. folder: where the server keeps its rounds; '' is a folder of the run's own.
    A run with the folder of another
        one goes on where that one stopped.
    """

    bytes: str = '1/1000'
    bytes_down: str = ''
    budget: int = 0
    coordinates: str = '1bit'
    coordinates_down: str = '1bit'
    basis: str = 'sparse-sign'
    layout: str = 'uniform'
    blocks: int = 1
    budget_rule: str = 'uniform'
    seeds: str = 'shared'
    seed_refresh: str = 'round'
    seed: int = 42
    server_lr: float = 0.0
    folder: str = ''

    @classmethod
    def of(cls, run_config, **given):
        """The options in a run-config (`ferret.bytes`, `ferret.server-lr`, ...), but for those that are
        given.

        Raises ferret.UnknownName for one that does not exist, TypeError for a value of another type.
        """
        fields = {field.name: field.type for field in dataclasses.fields(cls)}
        chosen = {key[len(PREFIX):].replace('-', '_'): value for key, value in run_config.items()
                  if key.startswith(PREFIX)}
        chosen.update(given)
        for name, value in chosen.items():
            if name not in fields:
                raise ferret.UnknownName(f'option: expected one of {", ".join(fields)}, got {name!r}')
            if fields[name] is str and name.startswith('bytes') and type(value) is int:
                chosen[name] = value = str(value)
            if fields[name] is float and type(value) is int:
                chosen[name] = value = float(value)
            if type(value) is not fields[name]:
                raise TypeError(f'option {name}: expected {fields[name].__name__}, got {value!r}')
        return cls(**chosen)

    def terms(self, model):
        """What server and nodes have to agree on to make the same plan: a dict that JSON can tell.

        Raises ferret.InvalidBudget if the bytes do not hold the fewest coordinates; ValueError for bytes that
        are no number.
        """
        terms = {name: getattr(self, name) for name in TERMS}
        if self.budget == 0:
            layout = make_layout(terms, model.sizes)
            up = parse_bytes(self.bytes, model.bytes) - UPDATE_BYTES
            down = parse_bytes(self.bytes_down or self.bytes, model.bytes) - BROADCAST_BYTES
            terms['budget'] = min(
                ferret.budget_for_bytes(layout, max(room, 0), coordinates, self.budget_rule).total
                for room, coordinates in ((up, self.coordinates), (down, self.coordinates_down)))
        return terms


# What both sides have to know of the options.
TERMS = ('budget', 'coordinates', 'coordinates_down', 'basis', 'layout', 'blocks', 'budget_rule', 'seeds',
         'seed_refresh', 'seed')


def check_terms(terms):
    """Raises ferret.Malformed for terms, from elsewhere, of another kind than those of Options.terms."""
    if type(terms) is not dict:
        raise ferret.Malformed(f'terms: expected names and values, got a {type(terms).__name__}')
    for field in dataclasses.fields(Options):
        value = terms.get(field.name)
        if field.name in TERMS and type(value) is not field.type:
            raise ferret.Malformed(f'terms: expected {field.type.__name__} in {field.name}, got {value!r}')
        if field.name in TERMS and field.type is int and not 0 <= value < 2**64:
            raise ferret.Malformed(f'terms: expected a number of 64 bits in {field.name}, got {value}')


# What a message has beside its sketch (docs/wire.md): a client's, and a broadcast of one sketch.
UPDATE_BYTES = 54
BROADCAST_BYTES = 58


def parse_bytes(text, full):
    """A number of bytes: '4096', '4K', '1.5M', or '1/1000' of `full`.

    Raises ValueError.
    """
    share = re.fullmatch(r'(\d+)/([1-9]\d*)', text)
    if share:
        return full * int(share[1]) // int(share[2])
    number = re.fullmatch(r'(\d+(?:\.\d+)?)([KM]?)', text)
    if not number:
        raise ValueError(f'bytes: expected a number, with K or M, or a share such as 1/1000, got {text!r}')
    return int(float(number[1]) * {'': 1, 'K': 1024, 'M': 1024 * 1024}[number[2]])


def make_layout(terms, sizes):
    """The layout of tensors of these sizes.

    Raises ferret.UnknownName, ferret.InvalidLayout.
    """
    if terms['layout'] == 'per-tensor':
        return ferret.Layout.per_tensor(sizes)
    if terms['layout'] == 'grouped':
        return ferret.Layout.grouped(sizes)
    if terms['layout'] == 'uniform' and terms['blocks'] > 0:
        return ferret.Layout.uniform(sizes, -(-sum(sizes) // terms['blocks']))
    raise ferret.UnknownName(f'layout: expected uniform in blocks, per-tensor or grouped, '
                             f'got {terms["layout"]!r} in {terms["blocks"]}')


def make_plan(terms, sizes):
    """The ferret.Plan of these terms for tensors of these sizes.

    Raises ferret.UnknownName, ferret.InvalidLayout, ferret.InvalidBudget.
    """
    refresh = {'round': 'each-round', 'fixed': 'fixed'}.get(terms['seed_refresh'])
    if refresh is None:
        raise ferret.UnknownName(f'seed_refresh: expected round or fixed, got {terms["seed_refresh"]!r}')
    return ferret.Plan(make_layout(terms, sizes), ferret.Budget(terms['budget_rule'], terms['budget']),
                       basis=terms['basis'], seed=terms['seed'], sharing=terms['seeds'], refresh=refresh,
                       up=terms['coordinates'], down=terms['coordinates_down'])
