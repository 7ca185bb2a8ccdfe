"""Python imports this as it starts in JupyterLite, from its own archive: starting, made short.

The folder of the notebooks lies behind a service worker, which answers in tens of milliseconds, and
is where the kernel is from the beginning. So with "" among the places where modules are looked for
it is asked once for each of two hundred modules before IPython stands, which brings "" in itself.
"""

import sys
from typing import Any


class WithoutFolder:
    """Ahead of all finders; takes "" away as soon as it is there, and itself."""

    @classmethod
    def find_spec(cls, *_: Any) -> None:
        """Find nothing."""
        if "" in sys.path:
            sys.path.remove("")
            sys.meta_path.remove(cls)


sys.meta_path.insert(0, WithoutFolder)
