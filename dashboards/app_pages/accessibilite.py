"""Page « Accessibilité »: the declaration, which claims no more than what the browser tests check."""

from __future__ import annotations

import streamlit as st

TITLE = "Accessibilité"
MENU = ("Comprendre", 3)

st.title(TITLE, anchor=False)
st.html('<p class="pn-lead">Ce qui a été vérifié, ce qui ne l\'a pas été, et à qui signaler une difficulté.</p>')
st.markdown(
    """
## État

Ces tableaux de bord visent le référentiel RGAA 4.1 (WCAG 2.2, niveau AA). **Aucun audit complet n'a été mené : leur
conformité n'est pas établie.** Ils ne sont donc déclarés ni conformes, ni partiellement conformes.

## Ce qui est vérifié à chaque version du logiciel

Des tests automatiques, dans un navigateur Chromium, vérifient sur chaque page :

- l'absence de défaut selon l'outil axe, écran clair et écran sombre (environ un tiers des critères seulement peuvent
  être vérifiés par un outil) ;
- la langue de la page (français), un titre propre à chaque page et un titre de premier niveau ;
- l'accès aux filtres avec le clavier seul ;
- la présence d'un texte de remplacement et d'un tableau de données pour chaque graphique.

## Ce qui a été fait sans être audité

- Les contrastes du thème ont été choisis au-dessus de 4,5 pour 1.
- Aucune information n'est donnée par la couleur seule : les courbes diffèrent par leur trait, les lieux sans activité
  par leur forme, les valeurs sont écrites.
- Les tableaux ont un titre, des en-têtes de colonne et de ligne, défilent et se trient au clavier.
- Les pages sont lisibles à 390 pixels de large et s'impriment sans le menu ni les
  boutons.

## Ce qui reste difficile, connu

- Les cartes et les graphiques sont des images : leur contenu est dans le texte de remplacement et dans le tableau qui
  les suit, mais leurs infobulles ne sont accessibles qu'à la souris.
- Les listes de choix viennent d'un composant extérieur (Streamlit) : elles n'ont pas été essayées avec un lecteur
  d'écran.
- Aucun essai n'a été mené avec des personnes handicapées, ni avec NVDA, JAWS ou VoiceOver.

## Signaler une difficulté

Adressez-vous à l'équipe du programme Pass Numérique de la Métropole du Grand Paris. Sans réponse satisfaisante, vous
pouvez saisir le Défenseur des droits (defenseurdesdroits.fr).
"""
)
