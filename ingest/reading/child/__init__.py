"""Files are read in a child process with limits, since a file from outside may be made to harm whoever reads it.

The parent sends a file's name; the child sends back the document as JSON, never as anything that could run; the parent
checks it. Nothing is imported here: the child must start fast and needs only its own half.

    pool.py      parent: several files at a time, answers in the order of asking
    worker.py    parent: one child, its time limit, and what each way of dying is called
    answers.py   parent: what a child says, checked
    loop.py      child: reads one file after another
    sandbox.py   child: limits of the system, and what Python may not do
    wire.py      child: a document or an error as JSON
    budget.py    both: how long a document may take
"""
