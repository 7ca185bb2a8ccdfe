"""The operators and methods of a Value: the table gives them, `methods.pyi` declares them."""


class Methods:
    """What `eager.install` and `operand.install` give to every Value."""

    __slots__ = ()
