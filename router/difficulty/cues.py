"""Cue words: small closed word lists in English, French, German and Spanish that tell kinds of task apart.

Written for this project. Words are compared in lower case; a class is a structural feature (share of words in it).
"""

from __future__ import annotations

CUES: dict[str, str] = {
    "english": "the of and to is in that it for with are was be as on by this from which have not you",
    "french": "le la les des est une un et dans que pour pas sur avec ce qui au du je vous nous aux cette sont",
    "german": "der die das und ist ein eine nicht mit auf für von dem den zu sich ich sie wir im auch wie bei wird",
    "spanish": "el los las una es en que por con para del se lo su al como más pero esta son yo mi hay",
    "question": "what who when where which whose whom how why quoi quel quelle quels quelles quand où comment pourquoi "
    "combien was wer wann wo welche welcher welches wie warum wieviel qué quién cuándo dónde cuál cuáles cómo cuánto "
    "cuántos",
    "prove": "prove proof show derive deduce theorem lemma corollary induction contradiction rigorous rigorously "
    "démontrer démontrez démontre prouver prouvez théorème récurrence beweise beweisen beweis zeige satz induktion "
    "widerspruch demuestra demostrar demuestre teorema inducción contradicción",
    "mathematics": "integral derivative matrix polynomial prime primes integer integers modulo equation equations "
    "triangle circle probability function sum limit convergence eigenvalue vector graph finite infinite sequence "
    "angle radius perpendicular divisible polynôme entier entiers matrice équation intégrale polynom primzahl "
    "primzahlen gleichung ganzzahl wahrscheinlichkeit polinomio entero enteros matriz ecuación probabilidad primos",
    "latex": "frac sqrt cdot ldots leq geq neq infty mathbb mathbf cos sin tan log ln overline text begin end left",
    "build": "implement refactor optimise optimize debug design architect migrate parallelise parallelize benchmark "
    "deploy rewrite build develop implémenter implémente concevoir concevez refactoriser optimiser implementiere "
    "implementieren entwerfen entwerfe entwickle optimiere refaktoriere implementa implementar diseña diseñar "
    "refactoriza optimiza desarrolla",
    "code": "def class return import void int str list array python java javascript rust sql function method code api "
    "thread threads mutex async await lock queue struct static const public private null none true false program "
    "algorithm complexity compiler database schema query fonction code programme funktion klasse función clase código",
    "constraint": "must should without only exactly least most every each never always except unless neither nor both "
    "constraint constraints requirement requirements subject satisfy satisfies ensure guarantee respect doit doivent "
    "sans exactement chaque jamais toujours sauf contrainte contraintes garantir muss müssen ohne genau jede jeder "
    "niemals immer außer bedingung bedingungen garantieren debe deben sin exactamente cada nunca siempre excepto "
    "restricción restricciones garantizar",
    "plan": "plan schedule itinerary strategy optimal minimise minimize maximise maximize allocate tradeoff tradeoffs "
    "planning planifier planifiez stratégie optimale minimiser maximiser planung zeitplan strategie minimieren "
    "maximieren planifica planificar estrategia óptima minimizar maximizar horario",
    "simple": "translate translation rewrite rephrase summarise summarize spell list name define capital hello hi "
    "thanks thank please traduis traduire traduction reformule résume bonjour merci salut übersetze übersetzung "
    "formuliere fasse hallo danke bitte traduce traducir traducción reformula resume hola gracias",
    "reason": "explain why analyse analyze compare evaluate critique assess justify reasoning step steps therefore "
    "because implies expliquer expliquez analyser comparer évaluer justifier étape étapes erkläre analysiere "
    "vergleiche begründe bewerte schritt explica analiza compara evalúa justifica paso pasos",
    "unknown": "assume suppose given let denote calculate compute determine find evaluate estimate solve approximately "
    "supposons soit calculer calculez calcule déterminer déterminez trouver trouvez résoudre angenommen sei berechne "
    "bestimme finde löse supongamos sea calcula determina encuentra resuelve halla",
    "money": "cost price dollars euros dollar sells sold buys bought pays paid profit interest rate percent total",
    "quantity": "many much more less times each half twice total remaining left per hours minutes days weeks years",
    "relation": "twice half third quarter double triple each every per percent more less fewer than many much times "
    "remaining left total altogether average ratio rate discount profit increased decreased equally split shared share "
    "after before then if chaque fois moitié reste moyenne taux chacun jeweils doppelt hälfte rest durchschnitt cada "
    "veces mitad resto promedio",
    "negation": "not no never none neither nor cannot pas jamais aucun nicht kein keine ningún ninguna",
    "follow": "following above below best likely correct statement answer question option options true false select",
    "science": "energy force velocity mass temperature pressure atom molecule electron cell protein gene acid reaction "
    "current voltage resistance charge wave frequency momentum enthalpy equilibrium concentration",
    "society": "law court contract market firm demand supply government political history philosophy moral legal "
    "company policy constitution rights theory behaviour behavior patient disease treatment",
}
