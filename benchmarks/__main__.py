"""python -m benchmarks; see command.py."""

# A process that is spawned imports this file, and need not import all of it.
if __name__ == '__main__':
    from benchmarks.command import main

    main()
