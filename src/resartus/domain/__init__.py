"""What a review is made of: immutable types that check themselves, standard library only."""
