"""Words that tell languages apart: closed lists of frequent small words, written for this project.

Those of languages that cannot be told reliably are there so that nothing in them is taken for another.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "en": "the of and to is that it for with are was be as this by from have not you i we they he she your my our "
    "their his its what which who when where why how can could would should will shall may might must do does "
    "did don didn doesn isn aren wasn won ll ve re if then than but or an at all any some there here these "
    "those has had been were being about into over after before between because while each every other more "
    "most such only own same so too very just also please write explain give show tell make me us him them am "
    "no yes up out one two new use using help need want get find list name let say said see good thanks thank "
    "hello hi translate summarise summarize compare on in a car son man war hat die plus comment pour par "
    "come many much first last doing done used valid following below above against during through per under "
    "without within define describe create rewrite",
    "fr": "le la les des est une un et dans que pour pas sur avec ce qui au du je vous nous aux cette sont ces il "
    "elle ils elles on se sa son ses mon ma mes ton ta tes notre votre leur leurs mais ou où donc ni car si "
    "ne moins de à a dire ceci cet chaque plusieurs combien ainsi alors afin très bien être avoir fait faire "
    "peux peut pouvez peuvent dois doit devez faut quel quelle quels quelles quoi quand comment pourquoi "
    "comme par sans sous entre chez vers depuis pendant avant après aussi encore toujours jamais déjà tout "
    "toute tous toutes autre autres même mêmes été était étaient ont avons avez ai suis es sommes êtes qu y "
    "en lui moi toi eux cela ça celui celle ceux deux trois merci bonjour salut voici voilà écris écrivez "
    "explique expliquez donne donnez traduis traduisez résume rédige",
    "de": "der die das und ist ein eine einen einem einer eines nicht mit auf für von dem den zu sich ich sie wir "
    "im auch wie bei wird es er du ihr mein meine meinen meiner dein deine sein seine ihre ihren unser unsere "
    "euch uns mir mich dir dich ihm ihn ihnen was wer wann wo warum welche welcher welches welchen wieso "
    "weshalb kann kannst können könnte soll sollte muss müssen darf will möchte werden wurde wurden war waren "
    "hat haben hatte habe sind bin bist seid aber oder denn weil wenn als ob dass daß an aus nach über unter "
    "vor zwischen durch gegen ohne um bis seit noch schon nur sehr mehr viel alle alles jede jeder jedes "
    "diese dieser dieses diesen kein keine keinen hier dort zum zur vom beim ins bitte danke hallo gib "
    "schreibe schreib erkläre nenne übersetze fasse zwei drei etwas viele vielen wieviel nachdem damit deren "
    "dessen sowie etwa jeden beweise zeige nichts man so dann doch mal immer wieder ja nein",
    "es": "el los las una es en que por con para del se lo su sus al como más pero esta este esto estos estas son "
    "yo mi mis hay un la y no si sí o de qué quién cuándo dónde cuál cuáles cómo cuánto cuántos cuántas "
    "porque cuando donde puede puedes pueden puedo debe deben ser estar está están estoy estaba fue era eran "
    "han ha he hemos tiene tienen tengo hace hacer sobre entre sin hasta desde durante después antes también "
    "muy ya aún todo toda todos todas otro otra otros otras mismo cada nos me te le les ella ellos ellas "
    "nosotros usted ustedes tu tus nuestro nuestra gracias hola favor a e u cual cuales demuestra corrige "
    "ordena cuéntame haz mejor gran tan así entonces aunque mientras escribe explica dame dime traduce resume "
    "redacta dos tres ni eso esa ese aquí allí",
    "it": "il lo la gli le un una di da in con su per tra fra che non è sono sei siamo hai ho hanno abbiamo ha mi "
    "ti si ci vi ne del della dello dei degli delle al alla allo ai agli alle dal dalla nel nella nei nelle "
    "sul sulla come cosa chi quando dove perché quale quali quanto questo questa questi queste quello quella "
    "anche più molto ma se o ed e era essere fare può puoi posso deve devono ogni tutto tutti tutta dopo "
    "prima ancora sempre mai già io tu lui lei noi voi loro mio mia tuo tua suo sua nostro grazie ciao scrivi "
    "spiega dammi traduci due tre",
    "pt": "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem que não é são "
    "está estão foi era ser estar ter tem têm tenho eu tu ele ela nós vós eles elas você vocês meu minha seu "
    "sua seus suas nosso como quando onde porque quem qual quais quanto este esta isto esse essa isso aquele "
    "mais muito também já ainda mas ou se e ao à aos às até sobre entre depois antes todo toda todos cada "
    "outro outra pode podem posso deve devem fazer há obrigado obrigada olá escreva explique dois três",
    "nl": "de het een en van in is dat op te zijn met voor niet die aan er om maar ook als bij of uit nog naar dan "
    "heeft hebben heb had wordt worden werd kan kunnen moet moeten zal zullen wil ik jij je hij zij ze wij we "
    "jullie u mijn jouw haar ons onze hun hen wat wie wanneer waar waarom hoe welke deze dit geen wel meer "
    "veel heel alle alles tussen door over onder tegen zonder tot sinds tijdens voordat nadat omdat graag "
    "dank hallo schrijf leg geef vertaal twee drie iets niets",
}
DECOYS: dict[str, str] = {
    "sv": "och att det som är en ett på av för med till den inte om har jag du vi de kan från men var vad hur när "
    "ska skulle mig dig sin eller blir vara mycket också alla efter vid mellan",
    "da": "og at det som er en et på af for med til den ikke om har jeg du vi de kan fra men var hvad hvordan når "
    "skal skulle mig dig sin eller bliver være meget også alle efter ved mellem hvor hvilken må",
    "ca": "el la els les un una i de del que per amb no és en a al als dels però com més també aquest aquesta això "
    "són està hi ha fer seva seu nostre meva què quan on molt pot ens li es",
    "ro": "și de la în cu pe un o este sunt nu că se pentru din ce mai care a al ai ale fi am are sau dar când unde "
    "cum prin după între foarte acest această acesta lui ei lor meu mea",
    "pl": "i w na z do że nie się jest to jak o po co dla od ale za czy przez tak może być są był była który która "
    "które tego tej ten ta jego jej ich mnie mi ci proszę dlaczego gdzie kiedy",
    "tr": "ve bir bu da de için ile çok ne mi mı gibi daha en var yok ben sen o biz siz olan olarak kadar sonra "
    "önce ama veya her nasıl neden nerede nedir değil",
    "cs": "a v na se je že to s z do o jak k pro ale i by jsem jsou byl co tak po za od při už jen nebo který která "
    "které jeho její proč kde kdy prosím není",
    "fi": "ja on ei se että oli hän mutta ovat joka kun niin kuin mitä miten missä tämä voi myös sen minä sinä me "
    "te he olla tai jos vain",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada adalah ke saya anda kami mereka atau juga "
    "sudah bisa ada oleh apa bagaimana mengapa kapan karena seperti",
    "la": "et in est non ad cum ut sed ex de per quod esse sunt ab hoc quae qui nec enim aut etiam lorem ipsum "
    "dolor sit amet consectetur adipiscing elit eiusmod tempor",
}
