"""Finds the acts a module writes into the audit log, by reading its code."""

import ast
from collections.abc import Iterator, Sequence

PLACE = {"record": 2, "record_without_agent": 3}
"""Where the two functions of the audit log take the act."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def acts_of(source: str, neighbours: Sequence[str] = ()) -> set[str]:
    """The acts a module writes down.

    A name is followed to what is assigned to it, or to what its function is called with: in the module, and for a
    function without underscore in its neighbours too. Fails for what it cannot follow.
    """
    return Module(ast.parse(source), [ast.parse(one) for one in neighbours]).acts()


class Module:
    """One module, and those that may call its functions."""

    def __init__(self, tree: ast.Module, neighbours: Sequence[ast.Module] = ()) -> None:
        self._tree = tree
        self._neighbours = neighbours
        self._inside = {
            id(node): function
            for function in ast.walk(tree)  # outer functions come first, inner ones replace them
            if isinstance(function, Function)
            for node in ast.walk(function)
        }

    def acts(self) -> set[str]:
        """Everything its calls of the audit log write."""
        return {
            act
            for call in self.calls()
            if isinstance(call.func, ast.Name) and call.func.id in PLACE
            for act in self.values(call, call.args[PLACE[call.func.id]])
        }

    def calls(self, name: str = "") -> Iterator[ast.Call]:
        """Every call, or those of one function."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and name in ("", _called(node)):
                yield node

    def values(self, at: ast.AST, given: ast.expr) -> set[str]:
        """The texts an expression can be at a place of the module."""
        match given:
            case ast.Constant():
                return {str(given.value)}
            case ast.IfExp():
                return self.values(at, given.body) | self.values(at, given.orelse)
            case ast.BoolOp():
                return set.union(*(self.values(at, one) for one in given.values)) - {""}
            case ast.JoinedStr():
                return self._joined(at, given.values)
            case ast.Call(func=ast.Attribute(value=ast.Dict() as known, attr="get"), args=[asked, *_]):
                named = dict(zip(self._texts(at, known.keys), self._texts(at, known.values), strict=True))
                return {named.get(text, text) for text in self.values(at, asked)}
        assert isinstance(given, ast.Name), ast.unparse(given)
        return self._named(at, given.id)

    def _texts(self, at: ast.AST, parts: Sequence[ast.expr | None]) -> list[str]:
        return [next(iter(self.values(at, part))) for part in parts if part is not None]

    def _joined(self, at: ast.AST, parts: Sequence[ast.expr]) -> set[str]:
        texts = {""}
        for part in parts:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            texts = {text + more for text in texts for more in self.values(at, inner)}
        return texts

    def _named(self, at: ast.AST, name: str) -> set[str]:
        assigned = [
            node.value
            for node in ast.walk(self._inside.get(id(at), self._tree))
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and name in _targets(node)
        ]
        if assigned:
            return {text for value in assigned for text in self.values(at, value)}
        owner = self._owner(at, name)
        callers = [self, *(Module(tree) for tree in self._neighbours if not owner.name.startswith("_"))]
        found = {text for caller in callers for text in caller.passed(owner, name)}
        assert found, f"nothing calls {owner.name}"
        return found

    def _owner(self, at: ast.AST, name: str) -> Function:
        """The function around a place that has a parameter of this name."""
        around = [one for one in ast.walk(self._tree) if isinstance(one, Function) and at in ast.walk(one)]
        owners = [one for one in around if name in _parameters(one)]
        assert owners, f"nothing names {name}"
        return owners[-1]

    def passed(self, owner: Function, name: str) -> set[str]:
        """What a parameter of a function is given in the calls of this module."""
        return {
            text
            for call in self.calls(owner.name)
            if (given := _argument(owner, call, name)) is not None
            for text in self.values(call, given)
        }


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _parameters(function: Function) -> list[str]:
    return [one.arg for one in [*function.args.args, *function.args.kwonlyargs]]


def _argument(owner: Function, call: ast.Call, name: str) -> ast.expr | None:
    """The expression a parameter gets in a call; its default when it is left out."""
    if keyword := next((one.value for one in call.keywords if one.arg == name), None):
        return keyword
    place = [one.arg for one in owner.args.args].index(name) if name in [one.arg for one in owner.args.args] else 99
    if place < len(call.args):
        return call.args[place]
    of_place = zip(reversed(owner.args.args), reversed(owner.args.defaults), strict=False)
    by_name = zip(owner.args.kwonlyargs, owner.args.kw_defaults, strict=True)
    return {argument.arg: default for argument, default in [*of_place, *by_name]}.get(name)
