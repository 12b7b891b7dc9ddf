"""What a node does: it trains the model that a message has on its own examples."""

from ferret.flower import FerretMod
from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from .data import training_examples
from .model import arrays_of, initial_model, load_model, set_arrays
from .training import train

app = ClientApp(mods=[FerretMod(initial_model)])


@app.train()
def train_on_node(message: Message, context: Context) -> Message:
    """Replies with the trained weights; the mod makes coordinates of them where the server has ferret."""
    config, node = context.run_config, context.node_config['partition-id']
    examples = training_examples(config, node)
    model = load_model(config)
    set_arrays(model, message.content['arrays'])
    loss = train(model, examples, config, seed=f'{node} {message.content["config"]["server-round"]}')
    metrics = MetricRecord({'num-examples': len(examples), 'training-loss': loss})
    return Message(RecordDict({'arrays': arrays_of(model), 'metrics': metrics}), reply_to=message)
