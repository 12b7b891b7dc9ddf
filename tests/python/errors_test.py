"""The exceptions form the tree of include/ferret/error.hpp."""

import pathlib
import re

from support import TestCase, ferret, main

HEADER = pathlib.Path(__file__).parents[2] / 'include/ferret/error.hpp'
OF_A_GPU = {'DeviceError'}


class ErrorsTest(TestCase):
    def test_every_error_has_a_class_below_its_base(self):
        classes = dict(re.findall(r'class (\w+) : public (?:std::)?(\w+)', HEADER.read_text()))
        self.assertGreater(len(classes), 15)
        for name, base in classes.items():
            if name in OF_A_GPU:
                continue
            error = getattr(ferret, name)
            self.assertIs(error.__base__, Exception if base == 'runtime_error' else getattr(ferret, base))
            self.assertEqual(error.__module__, 'ferret')
            self.assertTrue(error.__doc__)

    def test_they_survive_a_pickle(self):
        import pickle
        error = pickle.loads(pickle.dumps(ferret.WrongRound('expected round 3')))
        self.assertIs(type(error), ferret.WrongRound)
        self.assertEqual(str(error), 'expected round 3')


if __name__ == '__main__':
    main()
