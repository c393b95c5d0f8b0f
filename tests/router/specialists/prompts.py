"""Prompts of three domains, and of none, written for these tests."""

from __future__ import annotations

SUPPORT = """How do I reset my password?
I forgot my password and the reset mail never arrives
Where can I download my invoice for March?
My invoice shows the wrong address, how can I change it?
How do I cancel my subscription?
Can I get a refund for last month's payment?
I was charged twice this month, please refund one of them
How can I change my payment method?
My credit card was declined although it is valid
How do I add a second user to my account?
Can I share my account with a colleague?
How do I delete my account and all my data?
The app crashes when I open the settings page
I can't log in, it says my account is locked
How do I enable two-factor authentication?
How long does delivery take to Austria?
Where is my order? It should have arrived on Monday
How can I return an item I don't like?
The item I received is broken, what now?
Do you ship to Switzerland?
How do I change the delivery address of my order?
Can I upgrade from the basic to the pro plan?
Does the pro plan include phone support?
How do I export my contacts as CSV?
Why do I get so many notification emails from you?
How do I unsubscribe from the newsletter?
My coupon code is not accepted at checkout
Can I pay by bank transfer?""".splitlines()
MORE_SUPPORT = """How do I change my email address in the account settings?
My package has not arrived yet
Please cancel my plan
Can I get an invoice for my order with another address?
I want my money back for the broken item
My account is locked after three wrong passwords""".splitlines()
CONTRACTS = """Summarise the termination clause of this lease: The tenant may leave with three months' notice.
Which party bears the risk of loss under this supply agreement? Delivery is EXW Hamburg.
List the obligations of the licensee in section 4 of the attached licence agreement.
Is this non-compete clause limited in time? The employee shall not compete within twenty-four months.
Summarise the liability cap in this services agreement: liability is limited to fees paid in twelve months.
What notice period does the framework agreement foresee for ordinary termination?
Extract the governing law and jurisdiction from this contract.
Explain the indemnification clause of the purchase agreement to a manager.
Which warranties does the seller give in this share purchase agreement?
Compare the confidentiality clauses of these two agreements.
Summarise the renewal terms of the maintenance contract.
Does the agreement allow assignment to an affiliate without consent?
What are the payment terms in this supply contract, and is there a penalty for late payment?
Find the force majeure clause in the contract and say whether it covers strikes.""".splitlines()
OTHERS = """Prove that there are infinitely many primes.
Write a poem about the sea in autumn
def fibonacci(n): return the n-th number, with memoisation
What is the boiling point of ethanol at 0.5 bar?
Translate into German: The weather is nice today.
Who was the first emperor of Rome?
Design a lock-free queue in Rust and explain its memory ordering.
If a train leaves at 9:40 and arrives at 11:05, how long does the journey take?""".splitlines()
