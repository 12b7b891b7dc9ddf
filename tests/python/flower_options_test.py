"""Options of a run-config, and the plan that comes of them."""

import unittest

from flower_support import FlowerTest  # first: it skips the file without Flower

import ferret
import numpy
from ferret.flower import Model, Options
from ferret.flower.options import make_plan, parse_bytes


def model_of(*sizes):
    return Model([f't{size}' for size in sizes], [numpy.zeros(size, numpy.float32) for size in sizes])


class OptionsTest(FlowerTest):

    def test_a_run_config_has_them_behind_a_prefix(self):
        options = Options.of({'lr': 0.1, 'seed': 'of the app', 'ferret.bytes': 4096, 'ferret.server-lr': 1,
                              'ferret.seeds': 'per-client'}, seed=7)
        self.assertEqual(options, Options(bytes='4096', server_lr=1.0, seeds='per-client', seed=7))

    def test_what_does_not_exist_or_is_of_another_type_is_named(self):
        with self.assertRaisesRegex(ferret.UnknownName, "got 'byte'"):
            Options.of({'ferret.byte': '4K'})
        for key, value in (('ferret.seed', '1'), ('ferret.seed', True), ('ferret.bytes', 0.001), ('ferret.basis', 1)):
            with self.assertRaisesRegex(TypeError, key[len('ferret.'):]):
                Options.of({key: value})

    def test_bytes(self):
        for text, expected in (('4096', 4096), ('4K', 4096), ('1.5M', 3 << 19), ('1/1000', 40), ('3/4', 30000)):
            self.assertEqual(parse_bytes(text, 40000), expected)
        for text in ('', '4k', '-1', '1/0', '1e3', 'K'):
            with self.assertRaisesRegex(ValueError, 'bytes: expected'):
                parse_bytes(text, 40000)

    def test_bytes_are_those_of_whole_messages_up_and_down(self):
        model = model_of(60000, 40000)
        for up, down in (('1K', ''), ('1K', '400'), ('400', '1K'), ('1/1000', '')):
            options = Options(bytes=up, bytes_down=down)
            plan = make_plan(options.terms(model), model.sizes)
            before = model.arrays
            after = [array + 1 for array in before]
            update = ferret.Client(plan, 1)(1, before, after)
            server = ferret.Server(plan, before)
            server.receive(update)
            broadcast = server.close(before, 1.0)
            for array in before:
                array[:] = 0
            left = (parse_bytes(up, model.bytes) - len(update),
                    parse_bytes(down or up, model.bytes) - len(broadcast))
            # Nothing is over, and in one of them 32 more coordinates, a scale and their bits, have no room.
            self.assertTrue(0 <= min(left) < 8, left)

    def test_a_budget_is_taken_as_it_is(self):
        options = Options(budget=500, layout='per-tensor', basis='rademacher', coordinates='4bit')
        terms = options.terms(model_of(90, 900))
        plan = make_plan(terms, [90, 900])
        self.assertEqual(plan.budget.total, 500)
        self.assertEqual(plan.layout, ferret.Layout.per_tensor([90, 900]))
        self.assertEqual(make_plan({**terms, 'layout': 'uniform', 'blocks': 3}, [90, 900]).layout,
                         ferret.Layout.uniform([90, 900], 330))

    def test_plans_that_are_none(self):
        model = model_of(1000)
        with self.assertRaises(ferret.InvalidBudget):
            Options(bytes='60').terms(model)
        terms = Options(budget=100).terms(model)
        for name in ('layout', 'seed_refresh', 'seeds', 'basis', 'budget_rule', 'coordinates'):
            with self.assertRaises(ferret.UnknownName, msg=name):
                make_plan({**terms, name: 'x'}, model.sizes)


if __name__ == '__main__':
    unittest.main()
