"""Prompts whose way is known: what a small model can do, what it cannot, and what must not leave the house.

The people and numbers are made up; the numbers pass their checksums.
"""

from __future__ import annotations

EASY = "What is the capital of France?"
HARD_PROOF = (
    "Prove that every finite group of order p^2 q, where p and q are distinct primes, is solvable. Then show that the "
    "number of Sylow q-subgroups is 1, p or p^2, treat the case p^2 = 1 (mod q) in full, and derive from it a complete "
    "classification of the non-abelian groups of order 12 with a rigorous proof that no two of them are isomorphic."
)
HARD_CODE = (
    "Implement in Rust a lock-free, wait-free bounded MPMC queue with hazard-pointer reclamation. Prove its "
    "linearizability, explain every memory ordering that you choose under the C++20 memory model, and write loom tests "
    "that would find an ABA problem. Then analyse the worst-case time complexity of each operation under contention."
)
CARD = "Peux-tu vérifier ma carte bancaire française 4970 1000 0000 0154 ?"
PATIENT = (
    "Summarise this patient note: Mme Jeanne Durand, born 12/03/1951, was diagnosed with metastatic breast cancer and "
    "type 2 diabetes; she takes metformin 500 mg and tamoxifen 20 mg daily."
)
SENSITIVE = (CARD, PATIENT)
