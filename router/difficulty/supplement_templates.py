"""The supplement's templates, one a line: `\\n` is a line break, `{slot}` is filled from `supplement_slots.py`. CC0-1.0."""

# ruff: noqa: E501  a template is one line, as a user would type it

from __future__ import annotations

EASY: dict[str, str] = {
    "en": r"""
What is the capital of {country}?
Hello!
Hi, how are you today?
Hey there, good morning
Thanks, that was very helpful.
Thank you! Have a nice day.
Translate into {tongue}: {sentence}
How do you say "{sentence}" in {tongue}?
Translate the following sentence to {tongue}.\n\n{sentence}
Please rewrite this sentence so that it sounds more polite: {sentence}
Rephrase in simpler words: {sentence}
Correct the spelling and grammar: {sentence}
Make this shorter: {sentence}
Summarise the following text in one sentence.\n\n{paragraph}
Give me a short summary: {paragraph}
Extract all dates from this text: {paragraph}
List the names and dates mentioned below.\n{paragraph}
What is the subject of this message?\n\n{paragraph}
Is this review positive or negative? "I love {thing}, it works perfectly."
Classify the sentiment: "{thing} broke after two days, very disappointing."
Write a short thank-you note to {name}.
Write a birthday card for my friend {name}.
Write an email to {name} saying that I will be ten minutes late.
What is {topic}? Explain in two sentences.
Explain {topic} to a child.
Define {topic}.
What does the word "reluctant" mean?
Give me a synonym for happy.
What is the opposite of generous?
How many days are there in a week?
How many legs does a {animal} have?
What sound does a {animal} make?
What colour do you get if you mix blue and yellow?
Who wrote Romeo and Juliet?
Who painted the Mona Lisa?
When did the Second World War end?
Where is {country}?
Which language is spoken in {country}?
What is the currency of {country}?
Name three large cities in {country}.
Tell me a fun fact about the {animal}.
Tell me a joke about a {animal}.
What is {n} plus {k}?
What is {n} times {k}?
Convert {n} kilometres to metres.
What time is it in Tokyo when it is noon in London?
Suggest a name for my {animal}.
Give me five ideas for a birthday present.
What should I cook tonight with eggs and rice?
Give me a simple recipe for pancakes.
Put these words in alphabetical order: pear, apple, banana
Turn this into a bullet list: eggs, milk, bread and butter
Write this in capital letters: {sentence}
Format this as JSON: name {name}, age {n}
What is the plural of mouse?
Write a one-line slogan for {thing}.
What is a good title for this text?\n{paragraph}
Answer with yes or no: is the sun a star?
Print hello world in {language}.
How do I open a file in {language}?
How do I reverse a string in {language}?
What does HTTP stand for?
Who are you?
Can you help me?
What can you do?
ok
test
What are your opening hours?
Where can I find my order number?
How do I reset my password?
Write a short product description for {thing}.
Complete the sentence: The early bird catches the
Is a tomato a fruit?
What is the boiling point of water?
Do plants need light to grow?
Why is the sky blue?
What is the largest planet in our solar system?
Remind me what day comes after Tuesday.
Fill in the missing word: roses are red, violets are ___
Summarise this letter in two sentences.\n\n{letter}
What is this letter about?\n\n{letter}
{letter}\n\nWhen do the painters start?
Translate this letter into {tongue}.\n\n{letter}
Summarise the story below for a child.\n\n{story}
{story}\n\nWho is the main character?
Fix the typos in this text:\n{story}
Give this story a title.\n\n{story}
Extract the phone number and the names from the letter.\n{letter}
Extract the e-mail address from this line: write to {name} at {name}@example.org before noon
Return the name and the age as JSON: {name} is {n} years old.
Convert this CSV line to JSON: name,age\n{name},{n}
Which of these is a fruit: chair, apple, river?
Sort these numbers: {n}, {k}, 3, 19
Is {n} an even number?
Is {k} a prime number?
What is {n} percent of 200?
What is {n} * {k}?
Rewrite in the past tense: {sentence}
Make this friendlier: {sentence}
Turn this into a question: {sentence}
Say hello to {name} in {tongue}.
Write a haiku about the sea.
Write a short poem about {topic}.
Write two sentences about {country}.
Write a tweet about {thing}.
Write an SQL query that selects all rows of the table users.
Write a {language} function that adds two numbers.
Write a for loop in {language} that prints the numbers from 1 to {n}.
What does the git pull command do?
How do I list files in a folder on Linux?
What is the difference between a list and a tuple in Python?
What is a variable in programming?
Add a comment to this line: x = x + {k}
Write a regular expression that matches digits.
Give me three words that rhyme with light.
Reply with the word yes.
Repeat after me: {sentence}
Which is bigger, {n} or {k}?
Who was the first person on the moon?
How tall is Mount Everest?
When was {name} of the story born? It says: {name} was born in 19{n}.
What is the chemical formula of water?
Where can I park near the station?
Can I return a pair of shoes after {n} days?
Please cancel my subscription.
I want to change the delivery address of my order.
How long does shipping take?
My parcel has not arrived, what should I do?
Draft a polite reply: the customer asks for a refund of {n} euros.
Write an out-of-office message until Monday.
Create a to-do list for moving house.
Suggest a film for a rainy evening.
Good night
Sounds good, go on
Yes please
""",
    "fr": r"""
Quelle est la capitale de {country} ?
Bonjour !
Salut, comment ça va ?
Merci beaucoup, bonne journée.
Traduis en {tongue} : {sentence}
Comment dit-on « merci » en {tongue} ?
Reformule plus poliment : {sentence}
Corrige les fautes : {sentence}
Résume en une phrase : {sentence}
Explique {topic} en deux phrases.
C'est quoi, {topic} ?
Écris un petit mot de remerciement à {name}.
Combien de jours y a-t-il dans une semaine ?
Qui a peint la Joconde ?
Quelle langue parle-t-on dans ce pays : {country} ?
Donne-moi une recette simple de crêpes.
Combien font {n} plus {k} ?
Raconte-moi une blague.
Quel est le contraire de « grand » ?
Propose trois idées de cadeau.
Cet avis est-il positif ou négatif ? « J'adore, tout est parfait. »
Quels sont vos horaires ?
Écris un courriel à {name} pour dire que je serai en retard.
Mets ces mots dans l'ordre alphabétique : poire, banane, abricot
""",
    "de": r"""
Was ist die Hauptstadt von {country}?
Hallo!
Hi, wie geht es dir?
Vielen Dank, schönen Tag noch.
Übersetze ins {tongue}: {sentence}
Wie sagt man „danke“ auf Spanisch?
Formuliere höflicher: {sentence}
Korrigiere die Rechtschreibung: {sentence}
Fasse in einem Satz zusammen: {sentence}
Erkläre {topic} in zwei Sätzen.
Was bedeutet {topic}?
Schreibe eine kurze Dankeskarte an {name}.
Wie viele Tage hat eine Woche?
Wer hat die Mona Lisa gemalt?
Welche Sprache spricht man in {country}?
Gib mir ein einfaches Rezept für Pfannkuchen.
Was ist {n} plus {k}?
Erzähl mir einen Witz.
Was ist das Gegenteil von groß?
Nenne drei Ideen für ein Geschenk.
Ist diese Bewertung positiv oder negativ? „Ich bin sehr zufrieden.“
Wann habt ihr geöffnet?
Schreibe eine E-Mail an {name}, dass ich zehn Minuten später komme.
Ordne diese Wörter alphabetisch: Birne, Apfel, Banane
""",
    "es": r"""
¿Cuál es la capital de {country}?
¡Hola!
Hola, ¿qué tal estás?
Muchas gracias, que tengas un buen día.
Traduce al {tongue}: {sentence}
¿Cómo se dice «gracias» en {tongue}?
Reescribe de forma más amable: {sentence}
Corrige la ortografía: {sentence}
Resume en una frase: {sentence}
Explica {topic} en dos frases.
¿Qué es {topic}?
Escribe una nota de agradecimiento para {name}.
¿Cuántos días tiene una semana?
¿Quién pintó la Mona Lisa?
¿Qué idioma se habla en {country}?
Dame una receta sencilla de tortitas.
¿Cuánto es {n} más {k}?
Cuéntame un chiste.
¿Cuál es el contrario de grande?
Dame tres ideas para un regalo.
¿Esta reseña es positiva o negativa? «Estoy muy contento.»
¿Cuál es vuestro horario?
Escribe un correo a {name} para decir que llegaré tarde.
Ordena alfabéticamente: pera, manzana, plátano
""",
}

HARD: dict[str, str] = {
    "en": r"""
Prove {theorem}. Give every step and justify each one.
Prove that the square root of {k} is irrational for every k that is not a perfect square, then generalise to n-th roots.
Prove by strong induction that every integer greater than one is a product of primes, and that the factorisation is unique.
Show that there are infinitely many primes congruent to 1 modulo {k}.
Let G be a finite group of order {n}. Show that G has a normal subgroup, and classify all such groups up to isomorphism.
Let f be a continuous function on [0,1] with f(0) = f(1). Prove that for every n there is x with f(x) = f(x + 1/n).
Find all functions f from the reals to the reals such that f(x + f(y)) = f(x) + y for all x and y. Prove your answer.
Find all pairs of positive integers (a, b) such that a^2 + b + {k} divides b^2 + a + {k}.
Determine the number of ways to tile a 2 by {n} board with dominoes and squares so that no two squares touch.
Let a, b, c be positive reals with abc = 1. Prove that a/b + b/c + c/a is at least a + b + c.
In triangle ABC the incircle touches the sides at D, E and F. Prove that the lines AD, BE and CF meet in one point.
Compute the remainder when {n}^{n} + {k}^{n} is divided by 1001, without a calculator, and explain the reasoning.
Evaluate the definite integral of ln(1 + tan x) from 0 to pi/4 and prove each substitution is valid.
How many permutations of 1 to {n} have no fixed point and exactly {k} inversions? Derive a closed formula.
Derive the Euler-Lagrange equations for a double pendulum and linearise them around equilibrium.
Derive the Black-Scholes equation from first principles and state every assumption that is used.
Solve the recurrence T(n) = {k}T(n/2) + n log n tightly and prove the bound without the master theorem.
Prove that the halting problem is undecidable, then reduce it to the emptiness problem for Turing machines.
Show that vertex cover is NP-complete and give a 2-approximation with a proof of its ratio.
Implement a lock-free {structure} in {language} with safe memory reclamation, and argue that it is linearizable.
Write a thread-safe {structure} in {language} that supports concurrent readers without blocking, with tests for race conditions.
Implement a {structure} in {language} with O(log n) operations, iterators that survive modification, and property-based tests.
Design {system} that handles 100,000 requests per second across three regions. Cover consistency, failure modes, back-pressure and cost.
Design the schema and the transaction isolation for {system} in {db}, so that no double spending occurs under concurrent writes.
Refactor this module to remove global state, keep the public API, add dependency injection, async I/O, full type annotations and tests, without changing behaviour.
Our {language} service leaks memory under load and deadlocks about once a day. Explain how you would find the root cause, step by step, and write the instrumentation.
Implement the Raft consensus algorithm in {language}: leader election, log replication, snapshots and membership change.
Write a compiler in {language} for a small language with closures, type inference and garbage collection. Explain each pass.
Write an async web crawler in {language} that respects robots.txt, limits rate per host, retries with jitter, deduplicates URLs and can be resumed after a crash.
Implement a regular expression engine in {language} that runs in linear time and supports captures and lookahead.
Implement a parser and evaluator for SQL with joins, grouping, subqueries and a cost-based optimiser in {language}.
Given a weighted graph with negative edges, write {language} code for all-pairs shortest paths that is parallel, and prove its complexity.
Migrate a {db} database of four terabytes to a sharded cluster without downtime: give the plan, the scripts, the rollback and the checks.
Plan a {n}-day trip for six people through four countries: at most two flights, every hotel under 120 euros, two vegetarians, one wheelchair user, no driving at night, and each city visited at most once. Give a day by day schedule and the total cost.
Make a weekly schedule for {n} nurses with three shifts: nobody works more than five days, no late shift before an early one, at least two seniors at night, and every request for leave is honoured. Show that it satisfies all constraints.
Allocate a budget of 2 million among {k} projects with dependencies, minimum funding, risk limits and a strategic target; formulate it as an integer program, solve it and analyse the sensitivity.
Five people own five houses in a row, each with a different colour, pet, drink and job. Using the fifteen clues below, deduce who owns the fish and prove that the solution is unique.
Analyse whether the clause below is enforceable under both German and Californian law, consider three precedents, and redraft it to satisfy both while keeping the liability cap.
Compare the causal identification strategies of the three studies, point out threats to validity, and design an experiment that would settle the disagreement, with a power analysis.
A patient takes warfarin, amiodarone and clarithromycin and has stage 4 kidney disease. Analyse every interaction with its mechanism and propose adjusted doses with monitoring.
A {k} kg block slides down a wedge that itself slides without friction. Derive the acceleration of both and the normal force, and check the limits.
A charged particle moves in crossed electric and magnetic fields with a relativistic speed. Solve the equations of motion and find the drift velocity.
Calculate the pH of a buffer made of three weak acids with given pKa values after adding {n} ml of strong base, with activity corrections, and justify the approximations.
Propose a total synthesis of this alkaloid in at most twelve steps with stereochemistry, reagents and the mechanism of each key step.
Write a formal specification in TLA+ of a two-phase commit with crash recovery, state the invariants, and find the violation if messages may be duplicated.
Optimise this CUDA kernel for matrix multiplication: analyse occupancy, shared memory bank conflicts and register pressure, then write a version with tensor cores.
Write a proof in Lean that the composition of two injective functions is injective and that the set of primes is infinite.
Given the log excerpts of eleven services, reconstruct the order of events, find the root cause of the outage, and say which hypotheses you rejected and why.
Prove it: every finite integral domain is a field.
Prove the Riemann-Lebesgue lemma.
Prove that there are infinitely many primes of the form 6n - 1.
Prove or disprove: every continuous image of a complete metric space is complete.
Show that sqrt({k}) + sqrt(7) is irrational.
Show that the sequence converges and find its limit: a_1 = {k}, a_{n+1} = (a_n + {n}/a_n)/2.
This is a problem from the {contest}: find the largest integer n such that n^3 + 100 is divisible by n + {k}.
Let $x, y, z$ be positive real numbers with $x + y + z = {k}$. Find the minimum of $\frac{x^2}{y} + \frac{y^2}{z} + \frac{z^2}{x}$.
Find all real solutions of $\sqrt{x+{k}} + \sqrt{3x-2} = {n}$.
How many ordered triples $(a,b,c)$ of integers with $1 \le a,b,c \le {n}$ satisfy $a^2 + b^2 \equiv c^2 \pmod {{k}}$?
Let $S$ be the set of all subsets of $\{1, 2, \ldots, {n}\}$ with no two consecutive elements. Find the sum of the products of their elements.
In triangle $ABC$, $AB = {n}$, $BC = {k}$ and the angle at $B$ is $60^\circ$. Find the radius of the circle tangent to all three excircles.
A polynomial $P(x)$ with integer coefficients satisfies $P(1) = {k}$ and $P(P(2)) = {n}$. Determine all possible values of $P(0)$.
Compute $\sum_{n=1}^{\infty} \frac{1}{n^2 + {k}n}$ in closed form.
Six fair dice are rolled. What is the probability that the product of the numbers is a perfect square? Express it as a reduced fraction.
Find the eigenvalues of the n by n tridiagonal matrix with {k} on the diagonal and 1 beside it, and the asymptotics of the largest.
Debug this deadlock: two threads take the same locks in different order and a condition variable loses wake-ups. Explain the happens-before relation and fix it in {language}.
Find the race condition in our {language} connection pool and rewrite it so that cancellation cannot leak connections.
Implement a lock-free stack with hazard pointers in C++.
Implement a concurrent {structure} in {language} with fine-grained locking and an argument for its correctness.
Write {language} code for Dijkstra's algorithm with a Fibonacci heap, with tests and a complexity analysis.
Implement a bounded multi-producer multi-consumer queue in {language} without locks.
Build a distributed rate limiter that works across regions with a bounded error and explain its failure modes.
Design an API and a data model for {system} with audit trail, multi-tenancy, row-level security and zero-downtime migrations; discuss the tradeoffs.
Rewrite this recursive algorithm as an iterative one with constant memory, keep the order of results, and prove that both are equivalent.
Refactor a 2,000-line class into a plugin architecture with dependency injection, backwards compatible, fully typed, with tests for every branch.
Write a compiler from a subset of C to x86-64 assembly with register allocation.
Reverse engineer this binary protocol from the hex dumps, specify it as a grammar and write a streaming parser in {language} that survives malformed input.
Optimise this SQL query with five joins and a window function on a table of two billion rows in {db}: read the plan, propose indexes, partitioning and a rewrite.
Plan a conference for {n} people with a budget of 40,000 euros, two venues, three dietary requirements, no session overlaps for the same speaker, and a fallback for rain; give the timetable, the budget and the critical path.
Plan three weeks of meals for a family of five: no nuts, one coeliac, under 90 euros a week, no dish twice in ten days, leftovers used within two days, and at least 25 g of fibre per person per day.
Find an assignment of {n} exams to {k} rooms and four days such that no student has two exams at once, room sizes are respected, and the number of adjacent exams is minimal. Explain the algorithm and its bound.
Write a 1,500 word comparative analysis of three theories of consciousness, with the strongest objection to each and a reply.
Model the spread of a disease with an age-structured SEIR model, derive R0 by the next-generation matrix, and estimate the parameters from the data with their uncertainty.
Derive the dispersion relation of electromagnetic waves in a magnetised plasma and discuss the cutoffs and resonances.
Estimate the elasticity from this panel with instrumental variables, test the exclusion restriction, and discuss what could go wrong.
""",
    "fr": r"""
Démontrez {theorem} en justifiant chaque étape.
Démontrez qu'il existe une infinité de nombres premiers de la forme {k}n + 1.
Trouvez toutes les fonctions f de R dans R telles que f(x + f(y)) = f(x) + y, et prouvez votre réponse.
Soient a, b, c des réels positifs avec abc = 1. Démontrez que a/b + b/c + c/a est au moins égal à a + b + c.
Implémentez en {language} une {structure} concurrente sans verrou, avec libération sûre de la mémoire, et prouvez la linéarisabilité.
Concevez {system} capable de traiter 100 000 requêtes par seconde dans trois régions ; traitez la cohérence, les pannes et les coûts.
Refactorisez ce module pour supprimer l'état global sans changer l'interface publique, ajoutez les types, les tests et les entrées-sorties asynchrones.
Planifiez un voyage de {n} jours pour six personnes dans quatre pays, avec au plus deux vols, chaque hôtel à moins de 120 euros, sans conduire la nuit, et donnez le coût total par jour.
Établissez le planning hebdomadaire de {n} infirmières en respectant toutes les contraintes de repos, d'ancienneté et de congés, et montrez qu'elles sont satisfaites.
Calculez l'intégrale de ln(1 + tan x) entre 0 et pi/4 et justifiez rigoureusement chaque changement de variable.
Établissez les équations de Lagrange d'un double pendule et linéarisez-les autour de l'équilibre.
Écrivez en {language} un moteur d'expressions régulières en temps linéaire avec captures, et prouvez sa complexité.
""",
    "de": r"""
Beweise {theorem} und begründe jeden Schritt.
Beweise, dass es unendlich viele Primzahlen der Form {k}n + 1 gibt.
Bestimme alle Funktionen f von R nach R mit f(x + f(y)) = f(x) + y und beweise die Antwort.
Seien a, b, c positive reelle Zahlen mit abc = 1. Zeige, dass a/b + b/c + c/a mindestens a + b + c ist.
Implementiere in {language} eine sperrfreie nebenläufige {structure} mit sicherer Speicherfreigabe und begründe die Linearisierbarkeit.
Entwirf {system} für 100.000 Anfragen pro Sekunde in drei Regionen; behandle Konsistenz, Ausfälle, Rückstau und Kosten.
Refaktoriere dieses Modul: kein globaler Zustand, gleiche öffentliche Schnittstelle, asynchrone Ein- und Ausgabe, vollständige Typen und Tests.
Plane eine Reise von {n} Tagen für sechs Personen durch vier Länder mit höchstens zwei Flügen, jedes Hotel unter 120 Euro, ohne Nachtfahrten, und gib die Gesamtkosten pro Tag an.
Erstelle einen Dienstplan für {n} Pflegekräfte in drei Schichten, der alle Ruhezeiten, Qualifikationen und Urlaubswünsche einhält, und weise nach, dass alle Bedingungen erfüllt sind.
Berechne das Integral von ln(1 + tan x) von 0 bis pi/4 und begründe jede Substitution streng.
Leite die Lagrange-Gleichungen des Doppelpendels her und linearisiere sie um die Ruhelage.
Schreibe in {language} einen regulären Ausdrucksautomaten mit linearer Laufzeit und Gruppen und beweise die Komplexität.
""",
    "es": r"""
Demuestra {theorem} y justifica cada paso.
Demuestra que hay infinitos números primos de la forma {k}n + 1.
Encuentra todas las funciones f de R en R tales que f(x + f(y)) = f(x) + y y demuestra la respuesta.
Sean a, b, c reales positivos con abc = 1. Demuestra que a/b + b/c + c/a es al menos a + b + c.
Implementa en {language} una {structure} concurrente sin bloqueos, con liberación segura de memoria, y demuestra que es linealizable.
Diseña {system} que atienda 100 000 peticiones por segundo en tres regiones; trata la consistencia, los fallos y los costes.
Refactoriza este módulo para eliminar el estado global sin cambiar la interfaz pública, con tipos, pruebas y entrada y salida asíncronas.
Planifica un viaje de {n} días para seis personas por cuatro países con dos vuelos como máximo, cada hotel por menos de 120 euros, sin conducir de noche, y da el coste total por día.
Elabora el horario semanal de {n} enfermeras en tres turnos cumpliendo todas las restricciones de descanso, antigüedad y permisos, y demuestra que se cumplen.
Calcula la integral de ln(1 + tan x) de 0 a pi/4 y justifica con rigor cada cambio de variable.
Deduce las ecuaciones de Lagrange del péndulo doble y linealízalas alrededor del equilibrio.
Escribe en {language} un motor de expresiones regulares en tiempo lineal con grupos y demuestra su complejidad.
""",
}
