"""What is run for which table and figure: the settings of every run, as data.

A setting is a name and the options of the program that make it; it is run once a seed, into
runs/SETTING/seed-N. Experiments that name the same setting share its runs.
"""
from .experiment import Experiment, Plot, Setting, settings_of
from .glue import glue

NATURAL_INSTRUCTIONS = {'dataset': 'natural-instructions', 'data': 'DATA/natural-instructions-2.8'}
DOLLY = {'dataset': 'dolly', 'data': 'DATA/dolly-15k', 'split': 'dirichlet', 'split-alpha': 0.5}
CODE_ALPACA = {'dataset': 'code-alpaca', 'data': 'DATA/code-alpaca'}
GSM8K = {'dataset': 'gsm8k', 'data': 'DATA/gsm8k', 'split': 'iid'}

# stories260K: d = 260,032.
STORIES = {'model': 'MODELS/stories260K', 'max-length': 512, 'rounds': 12, 'clients-per-round': 5,
           'server-schedule': 'constant', 'test-examples': 40, 'rouge-examples': 0}
FIRST_ORDER = {'local-steps': 10, 'accumulate': 1, 'batch-size': 1, 'optimizer': 'sgd', 'lr': 0.02}
ZEROTH_ORDER = {'local-steps': 200, 'batch-size': 1, 'directions': 1, 'perturbation': 5e-4,
                'lr': 1e-5, 'server-lr': 1}
LORA = {'local-steps': 10, 'accumulate': 1, 'batch-size': 1, 'lora-rank': 8, 'lora-alpha': 16,
        'server-lr': 1}
ANSWERS = {'rouge-examples': 20, 'max-new-tokens': 64}


def ferret(basis, budget, **more):
    """The paper's setting: groups of tensors, 32-bit coordinates. Shared seeds: coordinates add, and K
    numbers travel down however many clients there are."""
    return {'algorithm': 'ferret', 'preset': 'paper', **FIRST_ORDER, 'basis': basis, 'budget': budget,
            'budget-rule': 'proportional', 'seeds': 'shared', **more}


def few_bits(size, **more):
    """ferret as it is where nothing is said: one block, few bits, and no more than `size` bytes each way."""
    return {'algorithm': 'ferret', **FIRST_ORDER, 'bytes': size, **more}


# Costs SparseSign nothing, and spreads the noise over all parameters alike.
ONE_BLOCK = {'layout': 'uniform', 'blocks': 1}
FEDAVG = {'algorithm': 'fedavg', **FIRST_ORDER, 'server-lr': 1}

# One a row of the paper's tables, and what stands beside them. K is chosen so that Ferret and FedKSeed
# move about as many bytes a round, up and down together, and top-k sends as many up as Ferret.
ALGORITHMS = {
    'fedit': ('FedIT', {'algorithm': 'fedit', **LORA, 'lr': 3e-3}),
    'fedit-sgd': ('FedIT-SGD', {'algorithm': 'fedit-sgd', **LORA, 'lr': 0.03}),
    'fedzo': ('FedZO', {'algorithm': 'fedzo', **ZEROTH_ORDER}),
    'fedkseed': ('FedKSeed', {'algorithm': 'fedkseed', **ZEROTH_ORDER, 'pool-size': 4096}),
    'fedkseed-pro': ('FedKSeed-Pro',
                     {'algorithm': 'fedkseed-pro', **ZEROTH_ORDER, 'pool-size': 4096}),
    'fedavg': ('FedAvg', FEDAVG),
    'ferret-dense': ('Ferret, TruncatedNormal', ferret('truncated-normal', 1024)),
    'ferret-sparse': ('Ferret, SparseSign', ferret('sparse-sign', 1024)),
    'ferret-public': ('Ferret, public code',
                      {'algorithm': 'ferret-public', **FIRST_ORDER, 'pool-size': 50,
                       'layout': 'grouped', 'pool-momentum': 0, 'clip-norm': 10, 'server-lr': 1}),
    'top-k': ('top-k', {'algorithm': 'top-k', **FIRST_ORDER, 'budget': 512, 'server-lr': 1}),
}


# Their runs take ten times as long, and they end far from the others.
ONE_SEED = ('fedzo', 'fedkseed', 'fedkseed-pro')


def on(prefix, data, base, algorithms, **more):
    """Settings of a table's rows on one model and data set, by algorithm."""
    return {name: Setting(f'{prefix}-{name}', label, {**base, **data, **options, **more},
                          seeds=1 if name in ONE_SEED else 0)
            for name, (label, options) in algorithms.items()}


TABLE = {'Natural Instructions': on('natural', NATURAL_INSTRUCTIONS, STORIES, ALGORITHMS, **ANSWERS),
         'Dolly': on('dolly', DOLLY, STORIES, ALGORITHMS, **ANSWERS),
         'CodeAlpaca': on('code-alpaca', CODE_ALPACA, STORIES, ALGORITHMS, **ANSWERS),
         # Its three clients, all in every round.
         'GSM8K': on('gsm8k', GSM8K, STORIES, ALGORITHMS, **ANSWERS, **{'clients-per-round': 3})}


def stories(name, label, options, seeds=0, **more):
    return Setting(name, label, {**STORIES, **NATURAL_INSTRUCTIONS, **options, **more}, seeds)


def table():
    settings = [setting for rows in TABLE.values() for setting in rows.values()]
    plots = [Plot(f'table-{data.split()[0].lower()}', 'by_round', data,
                  {setting.label: [setting] for setting in rows.values()})
             for data, rows in TABLE.items()]
    return Experiment('table', settings, plots)


# d/1016 to d/4; dense bases up to where a projection takes seconds.
SPARSE_BUDGETS = (256, 1024, 2600, 4096, 16384, 65008)
DENSE_BUDGETS = (256, 1024, 2600, 16384)
DENSE = {budget: stories(f'bytes-dense-{budget}', f'TruncatedNormal, K = {budget}',
                         ferret('truncated-normal', budget)) for budget in DENSE_BUDGETS}


def convergence():
    plots = []
    first = TABLE['Natural Instructions']
    plots.append(Plot('figure2', 'by_round', 'algorithms',
                      {first[name].label: [first[name]]
                       for name in ('fedzo', 'fedkseed', 'fedavg', 'ferret-dense', 'ferret-sparse')}))
    plots.append(Plot('figure3', 'by_round', 'K',
                      {f'K = {budget}': [setting] for budget, setting in DENSE.items()}))

    def variant(name, **options):
        return stories(name, name, ferret('truncated-normal', 1024, **options))

    plots.append(Plot('figure4', 'by_round', 'budget rules, K = 1024', {
        'proportional': [DENSE[1024]],
        **{rule: [variant(f'rule-{rule}', **{'budget-rule': rule})]
           for rule in ('norm-share', 'uniform', 'minimum-error')}}))
    plots.append(Plot('figure5', 'by_round', 'number of blocks, K = 1024', {
        **{str(blocks): [variant(f'blocks-{blocks}', layout='uniform', blocks=blocks)]
           for blocks in (1, 4, 16, 64, 256)},
        'grouped': [DENSE[1024]]}))
    plots.append(Plot('figure9', 'by_round', "the clients' optimisers, K = 1024", {
        'sgd': [DENSE[1024]],
        **{optimizer: [variant(f'optimizer-{optimizer}', optimizer=optimizer, lr=1e-3)]
           for optimizer in ('adam', 'adamw')}}))
    return Experiment('convergence', settings_of(plots), plots)


SWEPT_BUDGETS = (256, 1024, 4096, 16384)
SWEPT_RATES = (0.03, 0.1, 0.3, 1)
ACTIVE_CLIENTS = (10, 100, 1000)


def study():
    fedavg = stories('bytes-fedavg', 'FedAvg', FEDAVG)
    equal_bytes = {
        'FedAvg': [fedavg],
        'SparseSign': [stories(f'bytes-sparse-{budget}', f'SparseSign, K = {budget}',
                               ferret('sparse-sign', budget)) for budget in SPARSE_BUDGETS],
        'SparseSign, one block': [
            stories(f'bytes-one-block-{budget}', f'SparseSign, one block, K = {budget}',
                    ferret('sparse-sign', budget, **ONE_BLOCK))
            for budget in sorted((*SPARSE_BUDGETS, 32504))],
        'SparseSign, one block, 16 bits': [
            stories(f'bytes-one-block-int16-{budget}',
                    f'SparseSign, one block, 16 bits, K = {budget}',
                    ferret('sparse-sign', budget, **ONE_BLOCK, coordinates='int16'))
            for budget in (32504, 65008)],
        'SparseSign, 16 bits': [stories(f'bytes-sparse-int16-{budget}',
                                        f'SparseSign, 16 bits, K = {budget}',
                                        ferret('sparse-sign', budget, coordinates='int16'))
                                for budget in (16384, 65008)],
        'TruncatedNormal': list(DENSE.values()),
        # An entry is an index and a value, 8 bytes: half as many entries as coordinates.
        'top-k': [stories(f'bytes-top-k-{budget // 2}', f'top-k, {budget // 2} entries',
                          {'algorithm': 'top-k', **FIRST_ORDER, 'budget': budget // 2,
                           'server-lr': 1}) for budget in SPARSE_BUDGETS],
    }
    sweep = {f'K = {budget}': [
        stories(f'rate-{budget}-{rate}', f'K = {budget}, rate {rate}',
                ferret('sparse-sign', budget, **{'server-lr': rate}), seeds=2)
        for rate in SWEPT_RATES] for budget in SWEPT_BUDGETS}
    active = {}
    many = {**STORIES, **GSM8K, 'clients': 1000, 'max-length': 400, 'rounds': 4}
    # With bases of their own the clients' noise averages out, but all their sketches travel down.
    for name, label, options in (
            ('fedavg', 'FedAvg', FEDAVG), ('shared', 'shared bases', ferret('sparse-sign', 2600)),
            ('own', "each client's own bases", ferret('sparse-sign', 2600, seeds='per-client'))):
        active[label] = [Setting(f'active-{clients}-{name}', f'{label}, {clients} active',
                                 {**many, **options, 'local-steps': 2, 'clients-per-round': clients},
                                 seeds=1)
                         for clients in ACTIVE_CLIENTS]
    plots = [Plot('bytes', 'by_bytes', 'loss after the last round', equal_bytes),
             Plot('seconds', 'by_seconds', 'loss after the last round', equal_bytes),
             Plot('server-rate', 'by_server_rate', 'SparseSign', sweep),
             Plot('active-clients', 'by_clients', 'GSM8K, IID, SparseSign, K = 2600', active)]
    return Experiment('study', settings_of(plots), plots)


SMOLLM2 = {'model': 'MODELS/smollm2-135m-instruct', 'max-length': 256, 'rounds': 6,
           'clients-per-round': 3, 'server-schedule': 'constant', 'test-examples': 20,
           'rouge-examples': 20, 'max-new-tokens': 48}
SMOLLM2_LOCAL = {'local-steps': 5, 'lr': 1e-3}
SMOLLM2_ALGORITHMS = {
    'before': ('before', {'algorithm': 'fedavg', 'rounds': 0}),
    'fedavg': ('FedAvg', {**FEDAVG, **SMOLLM2_LOCAL}),
    'ferret-16': ('Ferret, SparseSign, K = d/16',
                  ferret('sparse-sign', 8407188, **ONE_BLOCK, **SMOLLM2_LOCAL)),
    'ferret-100': ('Ferret, SparseSign, K = d/100',
                   ferret('sparse-sign', 1345150, **ONE_BLOCK, **SMOLLM2_LOCAL)),
}


def smollm2():
    rows = {'Natural Instructions': on('smollm2-natural', NATURAL_INSTRUCTIONS, SMOLLM2,
                                       SMOLLM2_ALGORITHMS),
            'Dolly': on('smollm2-dolly', DOLLY, SMOLLM2, SMOLLM2_ALGORITHMS)}
    settings = [setting for some in rows.values() for setting in some.values()]
    plots = [Plot(f'smollm2-{data.split()[0].lower()}', 'by_round', data,
                  {setting.label: [setting] for name, setting in some.items() if name != 'before'})
             for data, some in rows.items()]
    return Experiment('smollm2', settings, plots)


# Each way, per client and round. stories260K's last is FedAvg's own; SmolLM2's first a bit a parameter.
SIZES = ('256', '512', '1K', '2K', '4K', '1/125', '16K', '64K', '1M')
TOP_K_SIZES = ('512', '1K', '2K', '4K', '1/125', '16K', '64K')
SMOLLM2_SIZES = ('1K', '4K', '16K', '64K', '1/4000', '1/1000', '1/256', '1/32')
SMOLLM2_TOP_K_SIZES = ('4K', '64K', '1/4000', '1/1000', '1/256')
EXACT = {'coordinates': 'float32', 'coordinates-down': 'float32'}
# Means of losses that differ much from example to example.
MANY_TESTS = {'test-examples': 400}
WHOLE = 260032  # d: a bit for every parameter
DAMPINGS = (0.25, 0.4, 0.6, 0.8, 1)


def whole_update(parameters):
    """A bit for every parameter: DRIVE and EDEN, as SparseSign with K = d is a permutation."""
    return {'algorithm': 'ferret', **FIRST_ORDER, 'budget': parameters, 'coordinates': '1bit',
            'coordinates-down': '1bit', 'seeds': 'shared', 'server-lr': 1}


def top_k(size, values):
    """Indices coded, errors kept at clients and server."""
    return {'algorithm': 'top-k', **FIRST_ORDER, 'bytes': size, 'coordinates': values, 'server-lr': 1}


class SizeSeries:
    """Settings of one model and data set, by what is sent."""

    def __init__(self, name, base):
        self.name, self.base = name, base

    def one(self, key, label, options):
        return Setting(f'bytes-{self.name}-{key}', label, {**options, **self.base})

    def sizes(self, key, label, made, all_sizes):
        return [self.one(f'{key}-{size.replace("/", "-")}', f'{label}, {size}', made(size))
                for size in all_sizes]

    def damping(self, sizes):
        """How far to follow a noisy update: fixed rates, to stand beside the server's own damping. FedAvg's
        has no noise but what the clients' unlikeness makes."""
        return Plot(f'damping-{self.name}', 'by_server_rate', 'Ferret', {
            **{size: [self.one(f'ferret-rate-{size.replace("/", "-")}-{rate}', f'{size}, rate {rate}',
                               few_bits(size, **{'server-lr': rate})) for rate in DAMPINGS]
               for size in sizes},
            'FedAvg': [self.one(f'fedavg-rate-{rate}', f'FedAvg, rate {rate}',
                                {**FEDAVG, 'server-lr': rate}) for rate in DAMPINGS]})


def loss_against_bytes():
    """Loss against bytes, each rival at its best."""
    plots = []
    for data, name in ((NATURAL_INSTRUCTIONS, 'natural'), (DOLLY, 'dolly')):
        of = SizeSeries(name, {**STORIES, **data, **MANY_TESTS})
        plots.append(Plot(f'bytes-{name}', 'by_bytes', 'loss after the last round', {
            'FedAvg': [of.one('fedavg', 'FedAvg', FEDAVG)],
            'Ferret': of.sizes('ferret', 'Ferret', few_bits, SIZES),
            'Ferret, float32': of.sizes('ferret-exact', 'Ferret, float32',
                                        lambda size: few_bits(size, **EXACT), ('1K', '4K', '64K')),
            'Ferret, own bases': of.sizes('ferret-own', 'Ferret, own bases',
                                          lambda size: few_bits(size, seeds='per-client'), ('1K', '4K')),
            **{f'top-k, {values} values': of.sizes(f'top-k-{values}', f'top-k, {values}',
                                                   lambda size, values=values: top_k(size, values),
                                                   TOP_K_SIZES) for values in ('1bit', '8bit')},
            'whole update, 1 bit': [of.one('whole-1bit', 'whole update, 1 bit', whole_update(WHOLE))],
            'signs with error feedback': [of.one('signs', 'signs with error feedback',
                                                 {'algorithm': 'sign-feedback', **FIRST_ORDER,
                                                  'server-lr': 1})],
        }))
        plots.append(of.damping(('512', '1K', '4K', '1/125')))
    of = SizeSeries('smollm2', {**SMOLLM2, **NATURAL_INSTRUCTIONS, **SMOLLM2_LOCAL, **MANY_TESTS,
                                'rouge-examples': 0})
    plots.append(Plot('bytes-smollm2', 'by_bytes', 'SmolLM2-135M, loss after the last round', {
        'FedAvg': [of.one('fedavg', 'FedAvg', FEDAVG)],
        'Ferret': of.sizes('ferret', 'Ferret', few_bits, SMOLLM2_SIZES),
        'top-k, 8bit values': of.sizes('top-k-8bit', 'top-k, 8bit', lambda size: top_k(size, '8bit'),
                                       SMOLLM2_TOP_K_SIZES)}))
    plots.append(of.damping(('1K', '4K', '16K')))
    return Experiment('bytes', settings_of(plots), plots)


def bases():
    """Bases shared by all clients or each its own, with few and many of them, alike and unlike."""
    many = {**STORIES, **GSM8K, 'clients': 1000, 'max-length': 400, 'rounds': 4}
    # Alike: rows dealt out at random. Unlike: each client has one of Natural Instructions' tasks.
    plots = [Plot('bases-alike', 'by_clients', 'GSM8K, IID, 1 KB up, 8 KB down', {
        seeds: [Setting(f'alike-{clients}-{seeds}', f'{seeds}, {clients} active',
                        {**many, **few_bits('1K', **{'bytes-down': '8K', 'seeds': seeds}),
                         'local-steps': 2, 'clients-per-round': clients})
                for clients in ACTIVE_CLIENTS] for seeds in ('auto', 'shared', 'per-client')}),
        Plot('bases-unlike', 'by_clients', 'Natural Instructions, 1 KB up, 8 KB down', {
            seeds: [stories(f'unlike-{clients}-{seeds}', f'{seeds}, {clients} active',
                            few_bits('1K', **{'bytes-down': '8K', 'seeds': seeds}),
                            **{'clients-per-round': clients})
                    for clients in (5, 20)] for seeds in ('auto', 'shared', 'per-client')})]
    return Experiment('bases', settings_of(plots), plots)


EXPERIMENTS = {'table': table, 'convergence': convergence, 'study': study, 'smollm2': smollm2,
               'bytes': loss_against_bytes, 'bases': bases, 'glue': glue}
