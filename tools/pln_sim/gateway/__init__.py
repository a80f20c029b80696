"""PLN's gateway in software: its messages (messages/) and how they are told apart on a wire (framing)."""
