"""What type checkers and help() see."""

import ast
import pathlib

from support import TestCase, ferret, main

FOLDER = pathlib.Path(ferret.__file__).parent
ROOT = pathlib.Path(__file__).parents[2]


class StubTest(TestCase):
    def test_it_has_every_name_of_the_package(self):
        stub = ast.parse((FOLDER / '_ferret.pyi').read_text())
        defined = {node.name for node in stub.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
        imported = {alias.name for node in imports for alias in node.names}
        self.assertIn('Tensors', imported)
        self.assertEqual(defined, {name for name in dir(ferret._ferret) if not name.startswith('_')})
        self.assertEqual(defined | {'Message', 'Tensor', 'Tensors'}, set(ferret.__all__))
        self.assertTrue((FOLDER / 'py.typed').exists())

    def test_signatures_name_nothing_that_is_not_python(self):
        self.assertNotIn('std::', (FOLDER / '_ferret.pyi').read_text())

    def test_everything_is_described(self):
        for name in set(ferret.__all__) - {'Message', 'Tensors'}:
            self.assertTrue(getattr(ferret, name).__doc__, name)

    def test_the_version_is_cmake_s(self):
        self.assertIn(f'VERSION {ferret.__version__}\n', (ROOT / 'CMakeLists.txt').read_text())


if __name__ == '__main__':
    main()
