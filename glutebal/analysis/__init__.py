"""One call from a recording to a balance: where the signal room and the balance room meet."""
