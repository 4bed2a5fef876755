"""Python itself loads this when it starts, if its folder is on the path."""

from injecting import main

main()
