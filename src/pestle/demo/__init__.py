"""An invented pharmacy, its people and patients, made through the same actions as everything else."""
