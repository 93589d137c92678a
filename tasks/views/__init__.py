"""The pages of tasks: one function per address."""
