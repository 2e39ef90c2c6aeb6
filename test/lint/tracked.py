"""The files that git tracks, for the readers of this folder."""
import subprocess


def tracked(root, *patterns):
    """Paths below `root`, those that match git's patterns if there are any; None: it is no git checkout."""
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", *patterns], capture_output=True)
    if listing.returncode:
        return None
    return [path.decode() for path in listing.stdout.split(b"\0") if path]
