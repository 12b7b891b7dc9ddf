"""What kd_lora is run for: MiniLM's student of three layers on GLUE, by each scheme.

MODELS/minilm-student is what scripts/convert_minilm.py writes, MODELS/minilm-teacher-sst2 and -cola what
kd_lora pretrain makes of its teacher (docs/reproduction.md has the commands).
"""
from .experiment import Experiment, Plot, Setting, settings_of

STUDENT = {'model': 'MODELS/minilm-student', 'clients': 4, 'rounds': 6, 'examples-per-round': 512,
           'optimizer': 'torch-no-decay', 'batching': 'length'}
SST2 = {**STUDENT, 'dataset': 'sst2', 'data': 'DATA/sst2'}
COLA = {**STUDENT, 'dataset': 'cola', 'data': 'DATA/cola'}
# The public code's own settings, but for its rounds of whole shares.
PUBLISHED = {'preset': 'paper', 'rounds': 6, 'examples-per-round': 512}

RANKS = (1, 2, 4, 8, 16)
# 72K is a tenth of FedLoRA's message, 1/500 of FedAvg's.
FERRET_SIZES = ('1K', '4K', '16K', '72K', '1/500', '1M')
FERRET_LORA_SIZES = ('1K', '4K', '16K', '64K')


def distilled(teacher):
    return {'scheme': 'fedkd-lora', 'teacher': f'MODELS/{teacher}', 'public-examples': 256}


def named(size):
    return size.replace('/', '-')


def sst2(name, label, **options):
    return Setting(f'sst2-{name}', label, {**SST2, **options})


def glue():
    fedavg = sst2('fedavg', 'FedAvg', scheme='fedavg')
    fedlora = {rank: sst2(f'fedlora-{rank}', f'FedLoRA, rank {rank}', scheme='fedlora',
                          **{'lora-rank': rank, 'lora-alpha': 2 * rank}) for rank in RANKS}
    fedkd = sst2('fedkd-lora', 'FedKD-LoRA', **distilled('minilm-teacher-sst2'))
    ferret = {size: sst2(f'ferret-{named(size)}', f'Ferret, {size}', scheme='ferret', bytes=size)
              for size in FERRET_SIZES}
    ferret_lora = {size: sst2(f'ferret-lora-{named(size)}', f'Ferret of adapters, {size}',
                              scheme='ferret-lora', bytes=size) for size in FERRET_LORA_SIZES}
    cola = {'FedAvg': Setting('cola-fedavg', 'FedAvg', {**COLA, 'scheme': 'fedavg', 'lr': 3e-4}),
            'FedLoRA': Setting('cola-fedlora', 'FedLoRA', {**COLA, 'scheme': 'fedlora', 'lr': 2e-3}),
            'FedKD-LoRA': Setting('cola-fedkd-lora', 'FedKD-LoRA',
                                  {**COLA, **distilled('minilm-teacher-cola'), 'lr': 2e-3}),
            'Ferret': Setting('cola-ferret-1-500', 'Ferret, 1/500',
                              {**COLA, 'scheme': 'ferret', 'bytes': '1/500', 'lr': 3e-4})}
    published = {'FedKD-LoRA': Setting(
        'sst2-published', 'FedKD-LoRA, public code',
        {**{key: SST2[key] for key in ('model', 'dataset', 'data')}, **PUBLISHED,
         **distilled('minilm-teacher-sst2')}, seeds=1)}
    plots = [
        Plot('sst2', 'accuracy_by_round', 'SST-2', {
            'FedAvg': [fedavg], 'FedLoRA': [fedlora[8]], 'FedKD-LoRA': [fedkd],
            'Ferret, 1/500': [ferret['1/500']]}),
        Plot('sst2-bytes', 'accuracy_by_bytes', 'SST-2, after six rounds', {
            'FedAvg': [fedavg], 'FedLoRA': list(fedlora.values()), 'FedKD-LoRA': [fedkd],
            'Ferret': list(ferret.values()), 'Ferret of adapters': list(ferret_lora.values())}),
        Plot('cola', 'accuracy_by_round', 'CoLA', {label: [setting] for label, setting in cola.items()}),
        Plot('sst2-published', 'accuracy_by_round', 'SST-2, the public code to the letter',
             {label: [setting] for label, setting in published.items()})]
    return Experiment('glue', settings_of(plots), plots, program=('kd_lora', 'run'), table='accuracy')
